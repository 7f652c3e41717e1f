"""The draws of io.batchwright.tensor.RandomStream, written again with numpy (Philox4x32-10 by position)."""
import numpy

WORD = (1 << 64) - 1


def mix(value):
    """The finalizer of SplitMix64."""
    value &= WORD
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD
    return value ^ (value >> 31)


class RandomStream:
    """The stream of one purpose in one epoch and step of a seed."""

    def __init__(self, seed, purpose, epoch, step):
        key = mix(seed + 0x9E3779B97F4A7C15)
        for character in purpose:
            key = mix(key ^ (ord(character) + 0x9E3779B97F4A7C15))
        key = mix(key ^ (len(purpose) + 0xD1B54A32D192ED03))
        key = mix(key ^ mix(epoch + 0xABC98388FB8FAC03))
        self.key = mix(key ^ mix(step + 0x8CB92BA72F3D8DD7))

    def blocks(self, counters, kind):
        """Four 32-bit words, as uint64, for each counter."""
        low = numpy.uint64(0xFFFFFFFF)
        shift = numpy.uint64(32)
        c = [counters & low, counters >> shift, numpy.full_like(counters, kind), numpy.zeros_like(counters)]
        key0, key1 = self.key & 0xFFFFFFFF, self.key >> 32
        for _ in range(10):
            p0 = c[0] * numpy.uint64(0xD2511F53)
            p1 = c[2] * numpy.uint64(0xCD9E8D57)
            c = [
                (p1 >> shift) ^ c[1] ^ numpy.uint64(key0),
                p1 & low,
                (p0 >> shift) ^ c[3] ^ numpy.uint64(key1),
                p0 & low,
            ]
            key0, key1 = (key0 + 0x9E3779B9) & 0xFFFFFFFF, (key1 + 0xBB67AE85) & 0xFFFFFFFF
        return numpy.stack(c, -1)

    def ints(self, positions):
        """Unsigned 32-bit draws, as uint64, in the shape of positions."""
        p = numpy.asarray(positions, dtype=numpy.uint64)
        words = self.blocks(p >> numpy.uint64(2), 0)
        return numpy.take_along_axis(words, (p & numpy.uint64(3))[..., None].astype(int), -1)[..., 0]

    def uniforms(self, positions):
        """Uniform in [0, 1), multiples of 2^-53."""
        p = numpy.asarray(positions, dtype=numpy.uint64)
        words = self.blocks(p >> numpy.uint64(1), 2)
        half = (p & numpy.uint64(1)).astype(bool)
        low = numpy.where(half, words[..., 2], words[..., 0])
        high = numpy.where(half, words[..., 3], words[..., 1])
        return ((low | high << numpy.uint64(32)) >> numpy.uint64(11)).astype(float) * 2.0**-53

    def kept(self, positions, probability):
        """What dropout multiplies by: 0, or 1 / (1 - probability)."""
        return (self.ints(positions) >= probability * 2.0**32) / (1 - probability)
