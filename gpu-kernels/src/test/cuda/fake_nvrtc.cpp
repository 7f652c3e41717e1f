// A libnvrtc for tests: it compiles nothing, refuses what the real one would not understand, and makes binaries that
// fake_cuda.cpp takes.
#include <map>
#include <string>
#include <vector>
#include <string.h>

#define API extern "C" __attribute__((visibility("default"))) int
enum { OK = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program { std::string name, binary, log; };
static int compiled = 0, mode = 0;
API fakeNvrtcCompiled() { return compiled; }
// 1: attention.cu does not compile; 2: that of norms.cu is a binary that no driver takes.
API fakeNvrtcMode(int to) { mode = to; return OK; }

API nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 3; return OK; }
extern "C" __attribute__((visibility("default"))) const char* nvrtcGetErrorString(int code) {
  return code == COMPILATION ? "NVRTC_ERROR_COMPILATION" : code == INVALID_OPTION ? "NVRTC_ERROR_INVALID_OPTION" : "NVRTC_ERROR_INVALID_INPUT";
}
API nvrtcCreateProgram(Program** program, const char* source, const char* name, int count, const char* const* headers, const char* const* names) {
  if (count != 1 || strcmp(names[0], "device.cuh") || !strstr(headers[0], "#define KERNEL extern \"C\"")) return INVALID_INPUT;
  if (!strstr(source, "#include \"device.cuh\"") || !strstr(source, "KERNEL")) return INVALID_INPUT;
  *program = new Program{name, "", ""};
  return OK;
}
API nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  const char* wanted[] = {"--gpu-architecture=sm_80", "--std=c++17", "--fmad=false"};
  if (count != 3) return INVALID_OPTION;
  for (int i = 0; i < 3; i++) {
    if (strcmp(options[i], wanted[i])) return INVALID_OPTION;
  }
  if (mode == 1 && program->name == "attention.cu") {
    program->log = "\nattention.cu(7): error: a failure of the test\n1 error\n";
    return COMPILATION;
  }
  compiled++;
  program->binary = mode == 2 && program->name == "norms.cu" ? "broken" : "binary for sm_80 of " + program->name;
  program->binary.push_back(0);
  return OK;
}
API nvrtcGetProgramLogSize(Program* program, size_t* bytes) { *bytes = program->log.size() + 1; return OK; }
API nvrtcGetProgramLog(Program* program, char* to) { memcpy(to, program->log.c_str(), program->log.size() + 1); return OK; }
API nvrtcGetCUBINSize(Program* program, size_t* bytes) { *bytes = program->binary.size(); return OK; }
API nvrtcGetCUBIN(Program* program, char* to) { memcpy(to, program->binary.data(), program->binary.size()); return OK; }
API nvrtcDestroyProgram(Program** program) { delete *program; *program = nullptr; return OK; }
