package encode

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compressor compresses pages. It is safe for concurrent use.
type compressor struct {
	codec   int
	writers sync.Pool // of *zstd.Encoder, *lz4.Compressor or resettable
}

// resettable is a writer that can begin again.
type resettable interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// compressors are those that there were: many files may be written at once.
var compressors sync.Map

// compressorOf is that of options which Check has passed.
func compressorOf(o *Options) *compressor {
	type key struct{ codec, level int }
	codec, level := codecs[o.Codec], -1
	if o.Level != nil {
		level = *o.Level
	}
	c, _ := compressors.LoadOrStore(key{codec, level}, newCompressor(codec, level))
	return c.(*compressor)
}

// newCompressor is one of a level, -1 for the codec's default.
func newCompressor(codec, level int) *compressor {
	c := &compressor{codec: codec}
	switch codec {
	case codecZstd:
		speed := zstd.SpeedDefault
		if level >= 0 {
			speed = zstd.EncoderLevelFromZstd(level)
		}
		c.writers.New = func() any {
			// All of these options are possible.
			w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(speed), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
			return w
		}
	case codecGzip:
		c.writers.New = func() any {
			w, _ := gzip.NewWriterLevel(io.Discard, level) // -1 is the default
			return w
		}
	case codecBrotli:
		if level < 0 {
			level = 4 // 6, brotli's own, takes twice the time for some per cent
		}
		c.writers.New = func() any { return brotli.NewWriterLevel(io.Discard, level) }
	case codecLZ4:
		c.writers.New = func() any { return new(lz4.Compressor) }
	}
	return c
}

// append appends what src is compressed to.
func (c *compressor) append(b, src []byte) ([]byte, error) {
	switch c.codec {
	case codecNone:
		return append(b, src...), nil
	case codecSnappy:
		most := s2.MaxEncodedLen(len(src))
		if most < 0 {
			return nil, fmt.Errorf("a page of %d bytes is too large for snappy", len(src))
		}
		b = extended(b, most)
		return b[:len(b)+len(s2.EncodeSnappy(b[len(b):len(b)+most], src))], nil
	case codecZstd:
		w := c.writers.Get().(*zstd.Encoder)
		defer c.writers.Put(w)
		return w.EncodeAll(src, b), nil
	case codecLZ4:
		w := c.writers.Get().(*lz4.Compressor)
		defer c.writers.Put(w)
		most := lz4.CompressBlockBound(len(src))
		b = extended(b, most)
		n, err := w.CompressBlock(src, b[len(b):len(b)+most])
		return b[:len(b)+n], err
	}
	w := c.writers.Get().(resettable)
	defer c.writers.Put(w)
	buf := bytes.NewBuffer(b)
	w.Reset(buf)
	if _, err := w.Write(src); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// extended is b with room for n bytes more.
func extended(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	out := make([]byte, len(b), max(len(b)+n, 2*cap(b)))
	copy(out, b)
	return out
}
