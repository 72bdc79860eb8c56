package encode

import (
	"fmt"
	"slices"
	"strings"
)

// Options say how a file is written. The zero value is what most readers are fastest with.
type Options struct {
	// Codec compresses pages: snappy, which "" is, zstd, gzip, brotli, lz4 or none.
	Codec string
	// Level of zstd (1 to 22), gzip (1 to 9) or brotli (0 to 11); nil means the codec's default.
	Level *int
	// GroupBytes is from how many bytes of values, not compressed, a row group ends; 0 means 64 MiB.
	GroupBytes int64
	// GroupRows is how many rows a row group has at most; 0 means 524,288.
	GroupRows int64
	// PageBytes is from how many bytes of values, not compressed, a page ends; 0 means 1 MiB. It has at most pageRows rows.
	PageBytes int
	// NoDictionary writes all values plain.
	NoDictionary bool
	// Bloom is the columns that get bloom filters.
	Bloom []string
	// Serial encodes in the goroutine that calls: for many files at once.
	Serial bool
	// Metadata is further pairs of the footer.
	Metadata map[string]string
}

const (
	defaultGroupBytes = 64 << 20
	defaultGroupRows  = 512 << 10
	defaultPageBytes  = 1 << 20
	// pageRows is few enough that a reader who needs some rows does not read many.
	pageRows = 32 << 10
	// dictionaryBytes is how large a dictionary may become: it should stay in a cache of who reads it.
	dictionaryBytes = 2 << 20
)

func (o *Options) groupBytes() int64 { return orDefault(o.GroupBytes, defaultGroupBytes) }

func (o *Options) groupRows() int64 { return orDefault(o.GroupRows, defaultGroupRows) }

func (o *Options) pageBytes() int { return orDefault(o.PageBytes, defaultPageBytes) }

func orDefault[T int | int64](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Codecs, as the format numbers them.
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecBrotli = 4
	codecZstd   = 6
	codecLZ4    = 7
)

var codecs = map[string]int{
	"": codecSnappy, "snappy": codecSnappy, "none": codecNone, "gzip": codecGzip, "brotli": codecBrotli, "zstd": codecZstd, "lz4": codecLZ4,
}

// Check looks for what can't be right whatever is written.
func (o *Options) Check() error {
	codec, ok := codecs[o.Codec]
	if !ok {
		names := make([]string, 0, len(codecs))
		for name := range codecs {
			if name != "" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return fmt.Errorf("compression %q: there are %s", o.Codec, strings.Join(names, ", "))
	}
	if o.Level != nil {
		least, most := 1, 0
		switch codec {
		case codecZstd:
			most = 22
		case codecGzip:
			most = 9
		case codecBrotli:
			least, most = 0, 11
		default:
			return fmt.Errorf("compression %s has no levels; zstd, gzip and brotli have", o.Codec)
		}
		if *o.Level < least || *o.Level > most {
			return fmt.Errorf("compression %s: level %d is not between %d and %d", o.Codec, *o.Level, least, most)
		}
	}
	if o.GroupBytes < 0 || o.GroupRows < 0 || o.PageBytes < 0 {
		return fmt.Errorf("row groups and pages can't have a negative size")
	}
	return nil
}
