package frame

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Compression sets how a Parquet file that Write writes is compressed: snappy, which it is without, zstd, gzip, brotli, lz4 or none. zstd
// (1 to 22), gzip (1 to 9) and brotli (0 to 11) have levels.
//
//	err := df.Write("flights.parquet", Compression("zstd", 9))
func Compression(codec string, level ...int) Option {
	return Option{apply: func(o *source.Options) error {
		if codec == "" || len(level) > 1 {
			return errors.New("option Compression: want a name, and a level or none: Compression(\"zstd\", 9)")
		}
		o.Parquet.Codec = strings.ToLower(codec)
		if len(level) == 1 {
			o.Parquet.Level = &level[0]
		}
		if err := o.Parquet.Check(); err != nil {
			return fmt.Errorf("option Compression: %w", err)
		}
		return nil
	}}
}

// RowGroupBytes sets from how many bytes of values, before they are compressed, a row group of a Parquet file ends that Write writes: 64 MiB,
// which it is without, or less where memory is short. Write holds a row group; who reads the file reads row groups at the same time.
func RowGroupBytes(n int) Option {
	return Option{apply: func(o *source.Options) error {
		if n < 1 {
			return fmt.Errorf("option RowGroupBytes: %d bytes; want 1 or more", n)
		}
		o.Parquet.GroupBytes = int64(n)
		return nil
	}}
}

// BloomFilter gives columns of a Parquet file that Write writes bloom filters, by which a reader who looks for a value passes over row groups
// that can't have it, also where their minimum and maximum do not tell. They take about ten bits for each different value.
func BloomFilter(columns ...string) Option {
	return Option{apply: func(o *source.Options) error {
		if len(columns) == 0 {
			return errors.New("option BloomFilter: no columns named")
		}
		o.Parquet.Bloom = append([]string{}, columns...)
		return nil
	}}
}

// PartitionBy makes Write write a folder of Parquet files, one for the rows of each combination of the columns' values, which the names of
// folders have in place of the files: year=2013/month=7/part-0.parquet. Nulls are __HIVE_DEFAULT_PARTITION__, and characters other than
// letters, digits, - _ . ~ are escaped as in an address. A folder that is there must be empty, unless Overwrite is given.
//
//	err := df.Write("flights", PartitionBy("year", "month"))
func PartitionBy(columns ...string) Option {
	return Option{apply: func(o *source.Options) error {
		if len(columns) == 0 {
			return errors.New("option PartitionBy: no columns named")
		}
		o.PartitionBy = append([]string{}, columns...)
		return nil
	}}
}

// Overwrite makes Write with PartitionBy replace what the folder has, once everything is written.
func Overwrite() Option {
	return Option{apply: func(o *source.Options) error { o.Overwrite = true; return nil }}
}

const (
	groupBytes, leastGroupBytes = 64 << 20, 64 << 10
	// groupShare is the part of the budget that the values of a row group may have.
	groupShare = 16
)

// reserveGroup reserves what a row group takes that is being written: its size if it is compressed to nothing less, and as much again while
// room for it grows. Where no size is given, it is as large as fits.
func reserveGroup(o *source.Options) (*memory.Reservation, error) {
	r := memory.Default().NewReservation("Write")
	if o.Parquet.GroupBytes > 0 {
		return r, r.Resize(2 * o.Parquet.GroupBytes)
	}
	size := min(groupBytes, max(memory.Default().Total()/groupShare, leastGroupBytes))
	err := r.Resize(2 * size)
	for err != nil && size > leastGroupBytes {
		size /= 2
		err = r.Resize(2 * size)
	}
	o.Parquet.GroupBytes = size
	return r, err
}
