package source

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/pierrec/lz4/v4"
)

// Arrow's codecs panic where a page is damaged, also in goroutines of Arrow's reader of structs, where nobody could recover. Here they give
// nothing and count: the reader makes an error of that for pages of the first version, and forgets it for those of the second.

// lz4Raw is the codec that has been the format's for LZ4 since 2021, which Arrow's reader lacks.
const lz4Raw = compress.Compression(7)

// damagedPages counts pages that could not be decompressed.
var damagedPages atomic.Int64

var errDamagedPage = errors.New("a page can't be decompressed")

func init() {
	compress.RegisterCodec(lz4Raw, guardedCodec{lz4Blocks{}})
	for _, c := range []compress.Compression{compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Zstd} {
		if codec, err := compress.GetCodec(c); err == nil {
			compress.RegisterCodec(c, guardedCodec{codec})
		}
	}
}

type guardedCodec struct{ compress.Codec }

// Decode implements compress.Codec: dst has the size that the page's header gives.
func (g guardedCodec) Decode(dst, src []byte) (out []byte) {
	defer func() {
		if recover() != nil || len(out) != len(dst) {
			damagedPages.Add(1)
			out = nil
		}
	}()
	return g.Codec.Decode(dst, src)
}

// lz4Blocks decompresses pages. It is never asked for anything else.
type lz4Blocks struct{ compress.Codec }

// Decode implements compress.Codec.
func (lz4Blocks) Decode(dst, src []byte) []byte {
	if len(dst) == 0 {
		return dst
	}
	n, err := lz4.UncompressBlock(src, dst)
	if err == nil && n != len(dst) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		panic(err)
	}
	return dst
}
