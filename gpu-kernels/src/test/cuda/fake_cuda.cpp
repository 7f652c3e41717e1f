// A libcuda.so.1 for tests: memory is the host's, kernels run by emulation.h, and what a real driver refuses is refused.
// The unit that includes this file defines `Entry entries[]`, the kernels by name, and before it the kernels themselves.
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

struct Entry { const char* name; void (*adapter)(void**); int parameters; };
extern Entry entries[];
struct Function { const Entry* entry; int sharedLimit; };

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_IMAGE = 200, NO_CONTEXT = 201, NOT_FOUND = 500, INVALID_HANDLE = 400, LAUNCH_RESOURCES = 701 };
static std::mutex lock;
static thread_local void* current = nullptr;
static int context;
static std::map<void*, std::string> modules;
static std::map<uint64_t, size_t> blocks;
static size_t memoryLimit = (size_t)4 << 30, memoryUsed = 0;
#define API extern "C" __attribute__((visibility("default"))) int
#define NEEDS_CONTEXT if (current != &context) return NO_CONTEXT

// Copies between host and device happen as late as the order of their stream allows, those of other streams than the
// default one only where that, or the host, waits for them: a source that is changed, or a target that is read, too early shows.
struct Copy { void* to; const void* from; size_t bytes; };
struct Stream { std::deque<Copy> pending; uint64_t happened = 0; };
static std::mutex copying;
static Stream work;
static std::vector<Stream*> streams{&work};
static bool finishCopies(Stream* stream = &work, uint64_t upTo = ~0ull) {
  std::lock_guard<std::mutex> guard(copying);
  bool some = !stream->pending.empty() && stream->happened < upTo;
  for (; !stream->pending.empty() && stream->happened < upTo; stream->happened++) {
    Copy& copy = stream->pending.front();
    memcpy(copy.to, copy.from, copy.bytes);
    stream->pending.pop_front();
  }
  return some;
}
static void copyLater(Stream* stream, void* to, const void* from, size_t bytes) {
  std::lock_guard<std::mutex> guard(copying);
  (stream ? stream : &work)->pending.push_back({to, from, bytes});
}
static uint64_t started(Stream* stream) {
  std::lock_guard<std::mutex> guard(copying);
  return stream->happened + stream->pending.size();
}
static void finishAll() { for (Stream* stream : streams) finishCopies(stream); }
static int waits = 0;
API fakeCudaWaits() { return waits; } // of the host for what the device has not done

API fakeCudaMemory(size_t limit) { memoryLimit = limit; return OK; }
static int allocations = 0;
API fakeCudaAllocations() { return allocations; }

API cuInit(unsigned) { return OK; }
API cuDriverGetVersion(int* version) { *version = 12000; return OK; }
API cuDeviceGetCount(int* count) { *count = 1; return OK; }
API cuDeviceGet(int* device, int ordinal) { *device = ordinal; return ordinal == 0 ? OK : 101; }
API cuDeviceGetName(char* name, int length, int) { snprintf(name, length, "emulated device"); return OK; }
API cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 8 : attribute == 76 ? 0 : attribute == 16 ? 132 : 0;
  return OK;
}
API cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = memoryLimit; return OK; }
API cuMemGetInfo_v2(size_t* free, size_t* total) { *free = memoryLimit - memoryUsed; *total = memoryLimit; return OK; }
API cuDevicePrimaryCtxRetain(void** to, int) { *to = &context; return OK; }
API cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API cuCtxSetCurrent(void* to) { current = to; return OK; }
API cuCtxSynchronize() { NEEDS_CONTEXT; waits++; finishAll(); return OK; }
API cuGetErrorName(int code, const char** name) { *name = code == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_OF_EMULATION"; return OK; }
API cuGetErrorString(int, const char** text) { *text = "an error of the emulation"; return OK; }

API cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  NEEDS_CONTEXT;
  std::lock_guard<std::mutex> guard(lock);
  if (memoryUsed + bytes > memoryLimit) return OUT_OF_MEMORY;
  void* block = aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (!block) return OUT_OF_MEMORY;
  memset(block, 0xFF, bytes);
  memoryUsed += bytes;
  allocations++;
  blocks[(uint64_t)block] = bytes;
  *address = (uint64_t)block;
  return OK;
}
API cuMemFree_v2(uint64_t address) {
  NEEDS_CONTEXT;
  finishAll();
  std::lock_guard<std::mutex> guard(lock);
  auto block = blocks.find(address);
  if (block == blocks.end()) return INVALID_VALUE;
  memoryUsed -= block->second;
  blocks.erase(block);
  free((void*)address);
  return OK;
}

// Whether all bytes lie in one block of device memory.
static bool inside(uint64_t address, size_t bytes) {
  std::lock_guard<std::mutex> guard(lock);
  auto after = blocks.upper_bound(address);
  if (after == blocks.begin()) return false;
  auto block = --after;
  return address + bytes <= block->first + block->second;
}
API cuMemcpyHtoD_v2(uint64_t to, const void* from, size_t bytes) {
  NEEDS_CONTEXT;
  finishCopies();
  if (!inside(to, bytes)) return INVALID_VALUE;
  memcpy((void*)to, from, bytes);
  return OK;
}
API cuMemcpyDtoH_v2(void* to, uint64_t from, size_t bytes) {
  NEEDS_CONTEXT;
  finishCopies();
  if (!inside(from, bytes)) return INVALID_VALUE;
  memcpy(to, (void*)from, bytes);
  return OK;
}
API cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
  NEEDS_CONTEXT;
  finishCopies();
  if (!inside(to, bytes) || !inside(from, bytes)) return INVALID_VALUE;
  memmove((void*)to, (void*)from, bytes);
  return OK;
}
API cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void*) { return cuMemcpyDtoD_v2(to, from, bytes); }
API cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(to, bytes)) return INVALID_VALUE;
  copyLater(stream, (void*)to, from, bytes);
  return OK;
}
API cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(from, bytes)) return INVALID_VALUE;
  memset(to, 0xFF, bytes);
  copyLater(stream, to, (void*)from, bytes);
  return OK;
}
API cuMemsetD8_v2(uint64_t to, unsigned char value, size_t bytes) {
  NEEDS_CONTEXT;
  finishCopies();
  if (!inside(to, bytes)) return INVALID_VALUE;
  memset((void*)to, value, bytes);
  return OK;
}
API cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void*) { return cuMemsetD8_v2(to, value, bytes); }
API cuMemHostAlloc(void** to, size_t bytes, unsigned) { NEEDS_CONTEXT; *to = aligned_alloc(256, (bytes + 255) / 256 * 256); return *to ? OK : OUT_OF_MEMORY; }
API cuMemFreeHost(void* block) { NEEDS_CONTEXT; free(block); return OK; }
API cuStreamCreate(Stream** stream, unsigned flags) {
  NEEDS_CONTEXT;
  if (flags != 1) return INVALID_VALUE; // else it would wait for the default stream, and that for it
  std::lock_guard<std::mutex> guard(copying);
  streams.push_back(*stream = new Stream);
  return OK;
}
// A clock that products alone make go on, by what a test says they cost; events of the driver read it.
static double now = 0, ownCost = 0, cublasCost = 0, deepCublasCost = 0;
static int deep = 0;
API fakeCudaCosts(double own, double cublas, double ofDeep, int depth) {
  ownCost = own;
  cublasCost = cublas;
  deepCublasCost = ofDeep;
  deep = depth;
  return OK;
}
static int products = 0; // by cuBLAS
API fakeCublasProducts() { return products; }
struct Event { double at; Stream* stream; uint64_t copies; };
API cuEventCreate(void** event, unsigned) { NEEDS_CONTEXT; *event = new Event{0, &work, 0}; return OK; }
API cuEventDestroy_v2(Event* event) { delete event; return OK; }
API cuEventRecord(Event* event, Stream* stream) {
  NEEDS_CONTEXT;
  Stream* of = stream ? stream : &work;
  *event = {now, of, started(of)};
  return OK;
}
API cuStreamWaitEvent(Stream*, Event* event, unsigned) { NEEDS_CONTEXT; finishCopies(event->stream, event->copies); return OK; }
API cuEventSynchronize(Event* event) { NEEDS_CONTEXT; waits += finishCopies(event->stream, event->copies); return OK; }
API cuEventElapsedTime(float* milliseconds, Event* from, Event* to) { *milliseconds = (float)(to->at - from->at); return OK; }

// PTX, or what fake_nvrtc.cpp calls a binary.
static int binaries = 0;
API fakeCudaBinaries() { return binaries; }
static bool isBinary(const std::string& text) { return text.rfind("binary for sm_80 of ", 0) == 0; }
API cuModuleLoadData(void** module, const void* image) {
  NEEDS_CONTEXT;
  std::string text((const char*)image);
  if (!isBinary(text) && text.find(".version 8.0") == std::string::npos) return INVALID_IMAGE;
  std::lock_guard<std::mutex> guard(lock);
  binaries += isBinary(text);
  *module = malloc(8);
  modules[*module] = text;
  return OK;
}
API cuModuleLoadDataEx(void** module, const void* image, unsigned, int*, void**) { return cuModuleLoadData(module, image); }
API cuModuleUnload(void* module) { modules.erase(module); free(module); return OK; }
API cuModuleGetFunction(void** function, void* module, const char* name) {
  NEEDS_CONTEXT;
  bool has = isBinary(modules[module]) || modules[module].find(std::string(".entry ") + name + "(") != std::string::npos;
  if (!has) return NOT_FOUND;
  for (Entry* entry = entries; entry->name; entry++) {
    if (!strcmp(entry->name, name)) {
      *function = new Function{entry, 48 << 10};
      return OK;
    }
  }
  return NOT_FOUND;
}
API cuFuncSetAttribute(Function* function, int attribute, int value) {
  if (attribute == 8) {
    if (value > 163 << 10) return INVALID_VALUE; // of compute capability 8.0
    function->sharedLimit = value;
  }
  return OK;
}
// As the driver's CUDA_KERNEL_NODE_PARAMS_v2.
struct Start {
  Function* function; unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, shared; void** parameters; void** extra; void* kernel; void* context;
};
static int refused(const Start& start) {
  if (start.extra || start.gridX == 0 || start.gridX > 0x7FFFFFFF || start.gridY == 0 || start.gridY > 65535 || start.gridZ != 1) return INVALID_VALUE;
  if (start.blockX == 0 || start.blockX % 32 != 0 || start.blockX > 1024 || start.blockY != 1 || start.blockZ != 1) return INVALID_VALUE;
  return (int)start.shared > start.function->sharedLimit ? LAUNCH_RESOURCES : OK;
}
static void runs(const Start& start, void** parameters) {
  finishCopies();
  std::lock_guard<std::mutex> guard(lock);
  const Entry* entry = start.function->entry;
  if (!strncmp(entry->name, "matmul", 6)) now += ownCost;
  emulation::launch(entry->name, entry->adapter, start.gridX, start.gridY, start.blockX, parameters);
}
enum { LAUNCHES, GRAPH_LAUNCHES, GRAPH_SETS, GRAPHS, EXECUTABLES, COUNTS };
static int counts[COUNTS]; // calls, then what is there
API fakeCudaCount(int which) { return counts[which]; }
API cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned shared, void*, void** parameters, void** extra) {
  NEEDS_CONTEXT;
  Start start{function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, parameters, extra};
  if (int why = refused(start)) return why;
  counts[LAUNCHES]++;
  runs(start, parameters);
  return OK;
}

// Graphs of kernels. Parameters are copied when a node is made or set; of the nodes that may run next the one that was added
// last does, so that a dependency that was not named shows.
struct Node {
  Start start;
  std::vector<uint64_t> slots;
  std::vector<Node*> after;
  Node(const Start& of, Node** dependencies, size_t count) : after(dependencies, dependencies + count) { set(of); }
  void set(const Start& of) {
    start = of;
    slots.resize(of.function->entry->parameters);
    for (size_t i = 0; i < slots.size(); i++) slots[i] = *(uint64_t*)of.parameters[i];
  }
  void run() {
    std::vector<void*> parameters;
    for (uint64_t& slot : slots) parameters.push_back(&slot);
    runs(start, parameters.data());
  }
};
struct Graph { std::vector<Node*> nodes; };
struct Executable { Graph* graph; std::map<Node*, Node> nodes; std::vector<Node*> order; };
static int mostExecutables = 1 << 30;
API fakeCudaMostGraphs(int most) { mostExecutables = most; return OK; }
API cuGraphCreate(Graph** graph, unsigned flags) {
  NEEDS_CONTEXT;
  *graph = new Graph;
  counts[GRAPHS]++;
  return flags == 0 ? OK : INVALID_VALUE;
}
static bool has(Graph* graph, Node* node) {
  for (Node* one : graph->nodes) if (one == node) return true;
  return false;
}
API cuGraphAddKernelNode_v2(Node** node, Graph* graph, Node** dependencies, size_t count, const Start* start) {
  NEEDS_CONTEXT;
  if (int why = refused(*start)) return why;
  for (size_t i = 0; i < count; i++) if (!has(graph, dependencies[i])) return INVALID_VALUE;
  graph->nodes.push_back(*node = new Node(*start, dependencies, count));
  return OK;
}
API cuGraphInstantiateWithFlags(Executable** to, Graph* graph, unsigned long long flags) {
  NEEDS_CONTEXT;
  if (counts[EXECUTABLES] == mostExecutables) return OUT_OF_MEMORY;
  Executable* made = *to = new Executable{graph};
  while (made->order.size() < graph->nodes.size()) {
    Node* next = nullptr;
    for (Node* node : graph->nodes) {
      bool ready = !made->nodes.count(node);
      for (Node* before : node->after) ready = ready && made->nodes.count(before);
      if (ready) next = node;
    }
    made->nodes.emplace(next, *next);
    made->order.push_back(next);
  }
  counts[EXECUTABLES]++;
  return flags == 0 ? OK : INVALID_VALUE;
}
API cuGraphExecKernelNodeSetParams_v2(Executable* executable, Node* node, const Start* start) {
  NEEDS_CONTEXT;
  if (int why = refused(*start)) return why;
  if (!has(executable->graph, node)) return INVALID_VALUE;
  executable->nodes.at(node).set(*start);
  counts[GRAPH_SETS]++;
  return OK;
}
API cuGraphUpload(Executable*, Stream*) { NEEDS_CONTEXT; return OK; }
API cuGraphLaunch(Executable* executable, Stream* stream) {
  NEEDS_CONTEXT;
  if (stream) return INVALID_VALUE; // kernels are on the default one
  for (Node* node : executable->order) executable->nodes.at(node).run();
  counts[GRAPH_LAUNCHES]++;
  return OK;
}
API cuGraphExecDestroy(Executable* executable) { NEEDS_CONTEXT; delete executable; counts[EXECUTABLES]--; return OK; }
API cuGraphDestroy(Graph* graph) {
  NEEDS_CONTEXT;
  for (Node* node : graph->nodes) delete node;
  delete graph;
  counts[GRAPHS]--;
  return OK;
}

// cuBLAS as far as it is used, column-major as in its manual: c [m, n] = alpha op(a) op(b) + beta c.
static int handles = 0;
static std::map<void*, int> mathModes;
API fakeCublasHandles() { return handles; }
API cublasCreate_v2(void** handle) { *handle = malloc(8); handles++; return OK; }
API cublasDestroy_v2(void* handle) { mathModes.erase(handle); free(handle); handles--; return OK; }
API cublasSetMathMode(void* handle, int mode) { mathModes[handle] = mode; return OK; }
API cublasSetStream_v2(void*, void*) { return OK; }
API cublasGetVersion_v2(void*, int* version) { *version = 120000; return OK; }
template <class T>
static void product(int ta, int tb, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      T sum = 0;
      for (int l = 0; l < k; l++) sum += a[ta ? l + (size_t)i * lda : i + (size_t)l * lda] * b[tb ? j + (size_t)l * ldb : l + (size_t)j * ldb];
      T* to = c + i + (size_t)j * ldc;
      *to = alpha * sum + (beta == 0 ? 0 : beta * *to);
    }
  }
}
API cublasGemmEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int typeA, int lda, const void* b,
                 int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute, int algorithm) {
  finishCopies();
  products++;
  now += k >= deep ? deepCublasCost : cublasCost;
  if (mathModes[handle] != 16) return 14; // sums of bf16 could be rounded on their way
  if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || typeA != typeB || algorithm != -1) return 7;
  if (typeA == 14 && (typeC == 0 || typeC == 14) && compute == 68) { // bf16
    auto widened = [](const void* from, size_t count) {
      std::vector<float> to(count);
      for (size_t i = 0; i < count; i++) to[i] = floatOf((uint32_t)((const uint16_t*)from)[i] << 16);
      return to;
    };
    std::vector<float> wideA = widened(a, (size_t)lda * (ta ? m : k)), wideB = widened(b, (size_t)ldb * (tb ? k : n));
    std::vector<float> wideC = typeC == 0 ? std::vector<float>() : widened(c, (size_t)ldc * n);
    float* result = typeC == 0 ? (float*)c : wideC.data();
    product<float>(ta, tb, m, n, k, *(float*)alpha, wideA.data(), lda, wideB.data(), ldb, *(float*)beta, result, ldc);
    for (size_t i = 0; i < wideC.size(); i++) ((uint16_t*)c)[i] = (uint16_t)packed(wideC[i], 0);
    return OK;
  }
  if (typeA != typeC) return 7;
  if (typeA == 0 && (compute == 68 || compute == 75 || compute == 77)) {
    product<float>(ta, tb, m, n, k, *(float*)alpha, (float*)a, lda, (float*)b, ldb, *(float*)beta, (float*)c, ldc);
  } else if (typeA == 1 && compute == 70) {
    product<double>(ta, tb, m, n, k, *(double*)alpha, (double*)a, lda, (double*)b, ldb, *(double*)beta, (double*)c, ldc);
  } else {
    return 15;
  }
  return OK;
}
