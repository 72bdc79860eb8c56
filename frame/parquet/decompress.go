package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	library "github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/rivulet-go/rivulet/frame/parquet/zstd"
)

// Codecs, as the format numbers them.
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecBrotli = 4
	codecHadoop = 5 // lz4 in frames of Hadoop's own
	codecZstd   = 6
	codecLZ4    = 7
)

const (
	// trusted is how large a page may claim to be without its compressed bytes making that likely, and many times those.
	trusted = 8 << 20
	likely  = 4
)

// errLength says that a page is not as long as its header says.
var errLength = errors.New("its body is not as long as its header says")

var (
	zstdDecoders = sync.Pool{New: func() any { return new(zstd.Decoder) }}
	zstdBlocks   = sync.Pool{New: func() any {
		d, err := library.NewReader(nil, library.WithDecoderConcurrency(1), library.WithDecodeAllCapLimit(true))
		if err != nil {
			return err
		}
		return d
	}}
	zstdStreams = sync.Pool{New: func() any {
		d, err := library.NewReader(nil, library.WithDecoderConcurrency(1), library.WithDecoderLowmem(true), library.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return err
		}
		return d
	}}
)

func knownCodec(codec int) bool {
	switch codec {
	case codecNone, codecSnappy, codecGzip, codecBrotli, codecHadoop, codecZstd, codecLZ4:
		return true
	}
	return false
}

// verbatim gives the size bytes that src decompresses to where they lie in it as they are, or in parts that are put together there, otherwise nil.
func verbatim(codec int, src []byte, size int) []byte {
	switch {
	case codec == codecNone && len(src) == size:
		return src
	case codec == codecSnappy:
		return literals(src, size)
	}
	return nil
}

// decompress gives size bytes that src decompresses to. They lie in to, and slack bytes can be read behind them.
// A claimed size is allocated when so many bytes are likely; otherwise memory grows with the bytes that come.
func decompress(codec int, to *buffer, src []byte, size int) ([]byte, error) {
	if size == 0 {
		return to.room(0, 0), nil
	}
	believed := size <= trusted+likely*len(src)
	switch codec {
	case codecNone:
		if len(src) != size {
			return nil, errLength
		}
		out := to.room(size, 0)
		copy(out, src)
		return out, nil
	case codecSnappy:
		// A copy of 64 bytes takes three.
		n, taken := binary.Uvarint(src)
		if taken <= 0 || n != uint64(size) || size/24 > len(src) {
			return nil, errLength
		}
		out := to.room(size, 0)
		if !wide { // the library is quicker than elements one by one
			got, err := s2.Decode(out, src)
			return sized(out, len(got), err)
		}
		if err := unsnappy(out, src[taken:]); err != nil {
			return nil, cause(err)
		}
		return out, nil
	case codecLZ4, codecHadoop:
		if size/256 > len(src) { // a byte lengthens a match by 255
			return nil, errLength
		}
		out := to.room(size, 0)
		if codec == codecHadoop && hadoopFrames(out, src) {
			return out, nil
		}
		n, err := lz4.UncompressBlock(src, out)
		return sized(out, n, err)
	case codecZstd:
		if !believed {
			return zstdStream(to, src, size)
		}
		if zstd.Quick() {
			d := zstdDecoders.Get().(*zstd.Decoder)
			defer zstdDecoders.Put(d)
			out := to.room(size, 0)
			n, err := d.Decode(out, src)
			return sized(out, n, err)
		}
		d, err := pooled[*library.Decoder](&zstdBlocks)
		if err != nil {
			return nil, err
		}
		defer zstdBlocks.Put(d)
		room := to.room(size, 0)
		out, err := d.DecodeAll(src, room[:0:size])
		return sized(room, len(out), err)
	case codecGzip:
		r, err := gzip.NewReader(bytes.NewReader(src))
		if err != nil {
			return nil, err
		}
		return grown(to, r, size)
	case codecBrotli:
		return grown(to, brotli.NewReader(bytes.NewReader(src)), size)
	}
	return nil, fmt.Errorf("it is compressed by the unknown codec %d", codec)
}

// pooled takes what a pool has or makes, which may be an error.
func pooled[T any](pool *sync.Pool) (T, error) {
	got := pool.Get()
	if v, ok := got.(T); ok {
		return v, nil
	}
	var none T
	return none, got.(error)
}

func zstdStream(to *buffer, src []byte, size int) ([]byte, error) {
	d, err := pooled[*library.Decoder](&zstdStreams)
	if err != nil {
		return nil, err
	}
	defer zstdStreams.Put(d)
	if err := d.Reset(bytes.NewReader(src)); err != nil {
		return nil, err
	}
	return grown(to, d, size)
}

// grown reads size bytes, in room that doubles as they come.
func grown(to *buffer, r io.Reader, size int) ([]byte, error) {
	for done, most := 0, min(size, trusted); ; most = min(size, 2*most) {
		out := to.room(most, done)
		n, err := io.ReadFull(r, out[done:])
		if done += n; err != nil {
			return nil, cause(err)
		}
		if done == size {
			return out, atEnd(r)
		}
	}
}

// atEnd says whether nothing comes any more, and that what came has the checksum that it should.
func atEnd(r io.Reader) error {
	var more [1]byte
	switch _, err := io.ReadFull(r, more[:]); {
	case err == nil:
		return errLength
	case errors.Is(err, io.EOF):
		return nil
	default:
		return cause(err)
	}
}

// sized is out, of which n bytes were written.
func sized(out []byte, n int, err error) ([]byte, error) {
	if err != nil {
		return nil, cause(err)
	}
	if len(out) != n {
		return nil, errLength
	}
	return out, nil
}

// cause is an error of decompressing; that the bytes end is not that the file does.
func cause(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errLength
	}
	return fmt.Errorf("its body can't be decompressed: %w", err)
}

// hadoopFrames decompresses blocks that have their two lengths before them, and says whether src is that.
func hadoopFrames(out, src []byte) bool {
	for len(src) >= 8 && len(out) > 0 {
		size, stored := int(binary.BigEndian.Uint32(src)), int(binary.BigEndian.Uint32(src[4:]))
		src = src[8:]
		if size > len(out) || stored > len(src) {
			return false
		}
		if n, err := lz4.UncompressBlock(src[:stored], out[:size]); err != nil || n != size {
			return false
		}
		src, out = src[stored:], out[size:]
	}
	return len(src) == 0 && len(out) == 0
}
