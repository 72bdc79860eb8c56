package source

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// openText opens a compressed text for reading from its start.
type openText func() (*textInput, error)

// textInput is a text being decompressed.
type textInput struct {
	io.Reader
	counter *countingReader
	ratio   float64 // of stored to counted bytes, where what is counted is not what is stored; 0 means 1
	closers []func()
}

func (t *textInput) stored() int64 {
	if t.ratio > 0 {
		return int64(float64(t.counter.n.Load()) * t.ratio)
	}
	return t.counter.n.Load()
}

func (t *textInput) Close() {
	for _, v := range slices.Backward(t.closers) {
		v()
	}
}

// countingReader counts the bytes read of a file. Decompressors may read ahead on goroutines of their own.
type countingReader struct {
	io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

const (
	gzipMagic  = "\x1f\x8b"
	zstdMagic  = "\x28\xb5\x2f\xfd"
	zipMagic   = "PK\x03\x04"
	emptyZip   = "PK\x05\x06"
	bzip2Magic = "BZh"
)

// compression is the extension that a file's first bytes stand for, "" for none.
func compression(head []byte) string {
	for _, c := range []struct{ magic, ext string }{
		{gzipMagic, ".gz"}, {zstdMagic, ".zst"}, {zipMagic, ".zip"}, {emptyZip, ".zip"}, {bzip2Magic, ".bz2"},
	} {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c.ext
		}
	}
	return ""
}

// openCompressed opens a .gz, .zst or .bz2 file.
func openCompressed(name, ext string) openText {
	return func() (*textInput, error) {
		f, err := openSequential(name)
		if err != nil {
			return nil, err
		}
		in := &textInput{counter: &countingReader{Reader: f}, closers: []func(){func() { _ = f.Close() }}}
		switch ext {
		case ".gz":
			r, err := gzip.NewReader(in.counter)
			if err != nil {
				in.Close()
				return nil, textError(publicURL(name), err)
			}
			in.Reader = r
		case ".zst":
			// Without its own goroutines: nothing to leak, and the lanes use the other cores.
			r, err := zstd.NewReader(in.counter, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(512<<20))
			if err != nil {
				in.Close()
				return nil, textError(publicURL(name), err)
			}
			in.Reader = r
			in.closers = append(in.closers, r.Close)
		case ".bz2":
			in.Reader = bzip2.NewReader(in.counter)
		}
		return in, nil
	}
}

// zipMembers lists the texts in a zip file and how to open each.
func zipMembers(name string) (names []string, opens []openText, err error) {
	if isURL(name) {
		return nil, nil, fmt.Errorf("%s: zip files behind an address can't be read: download it first", publicURL(name))
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		if inner := (*os.PathError)(nil); errors.As(err, &inner) {
			return nil, nil, pathError(name, err)
		}
		if errors.Is(err, zip.ErrFormat) { // its directory is at the end: a zip file that is cut off has none
			return nil, nil, fmt.Errorf("%s: %w: no zip directory at its end", name, ErrTruncated)
		}
		return nil, nil, textError(name, err)
	}
	defer z.Close()
	for _, f := range z.File {
		base := path.Base(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		names = append(names, f.Name)
		opens = append(opens, openZipMember(name, f.Name))
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("%s: %w: no file in it", name, ErrEmpty)
	}
	return names, opens, nil
}

func openZipMember(name, member string) openText {
	return func() (*textInput, error) {
		z, err := zip.OpenReader(name)
		if err != nil {
			return nil, textError(name, err)
		}
		z.RegisterDecompressor(zip.Deflate, flate.NewReader)
		for _, f := range z.File {
			if f.Name != member {
				continue
			}
			r, err := f.Open()
			if err != nil {
				_ = z.Close()
				return nil, textError(name, err)
			}
			counter := &countingReader{Reader: r}
			in := &textInput{Reader: counter, counter: counter, closers: []func(){func() { _ = z.Close() }, func() { _ = r.Close() }}}
			in.ratio = float64(f.CompressedSize64) / float64(max(f.UncompressedSize64, 1))
			return in, nil
		}
		_ = z.Close()
		return nil, fmt.Errorf("%s: %q is no longer in it", name, member)
	}
}
