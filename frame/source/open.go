package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// files is a source over one or more inputs of one schema.
type files struct {
	label   string
	inputs  []input
	size    int64
	options Options

	partitions []folderValues // of the inputs

	mu     sync.Mutex
	schema *arrow.Schema
	owned  []*arrow.Schema // the part of schema that each input has
	book   *codebook       // made with the schema
}

// Open finds the files that paths (names or globs) stand for and knows their schema when it returns. Formats go by
// extension, compression by the file's first bytes.
func Open(ctx context.Context, paths []string, o Options) (Source, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	names, bases, err := expand(paths, o.Format != "")
	if err != nil {
		return nil, err
	}
	s := &files{label: label(paths), options: o}
	for i, name := range names {
		size, err := sizeOf(ctx, name)
		if err != nil {
			return nil, err
		}
		inputs, err := openInputs(ctx, name, &s.options)
		if err != nil {
			return nil, err
		}
		s.inputs = append(s.inputs, inputs...)
		for range inputs {
			var p folderValues
			if bases[i] != "" {
				p = partitionOf(bases[i], name)
			}
			s.partitions = append(s.partitions, p)
		}
		s.size += size
	}
	if _, err := s.Schema(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func label(paths []string) string {
	paths = slices.Clone(paths)
	for i, p := range paths {
		paths[i] = publicURL(p)
	}
	if len(paths) > 3 {
		return fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
	}
	return strings.Join(paths, ", ")
}

// expand lists the files that paths stand for: those of one glob or folder sorted, in the order of paths. any says that
// files of a folder are read whatever their extension. bases are the folders below which the files were looked for, "" where they are named.
func expand(paths []string, any bool) (names, bases []string, err error) {
	if len(paths) == 0 {
		return nil, nil, errors.New("no file to read is named")
	}
	add := func(base string, found ...string) {
		for _, f := range found {
			names, bases = append(names, f), append(bases, base)
		}
	}
	for _, p := range paths {
		if isURL(p) {
			add("", p)
			continue
		}
		if rest, ok := strings.CutPrefix(p, "~/"); ok {
			if home, err := os.UserHomeDir(); err == nil {
				p = filepath.Join(home, rest)
			}
		}
		info, err := os.Stat(p)
		if err == nil && info.IsDir() {
			found, err := folder(p, any)
			if err != nil {
				return nil, nil, err
			}
			add(p, found...)
			continue
		}
		if err == nil || !strings.ContainsAny(p, "*?[") {
			add("", p) // also a file whose name has the characters of a glob
			continue
		}
		found, err := filepath.Glob(p)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p, err)
		}
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%s: no file matches: %w", p, fs.ErrNotExist)
		}
		slices.Sort(found)
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.IsDir() {
				continue // *.csv is a pattern of files
			}
			add(literalFolder(p), f)
		}
	}
	return names, bases, nil
}

// folder lists the files in a folder and those below it that can be read, sorted; what is hidden or begins with _ is
// not data.
func folder(dir string, any bool) (names []string, err error) {
	formats := map[string]string{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return pathError(path, err)
		}
		if base := d.Name(); path != dir && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		format, packed := formatOf(path)
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || format == "" && packed == "" && !any {
			return nil //nolint:nilerr // a link to nowhere is no data
		}
		names = append(names, path)
		if format != "" && !any {
			formats[format] = filepath.Ext(path)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0:
		return nil, fmt.Errorf("%s: no file in it has a name that tells its format (give a pattern such as %s, or its Format): %w", dir, filepath.Join(dir, "*"), fs.ErrNotExist)
	case len(formats) > 1:
		return nil, fmt.Errorf("%s: %w: there are files of the formats %s (give a pattern such as %s)", dir, ErrSchema,
			strings.Join(sortedKeys(formats), ", "), filepath.Join(dir, "*"+formats[sortedKeys(formats)[0]]))
	}
	slices.Sort(names)
	return names, nil
}

// openInputs finds out the format of a file.
func openInputs(ctx context.Context, name string, o *Options) ([]input, error) {
	head, err := fileHead(ctx, name)
	if err != nil {
		return nil, err
	}
	shown := publicURL(name)
	if len(head) == 0 {
		return nil, fmt.Errorf("%s: %w", shown, ErrEmpty)
	}
	format, packed := formatOf(name)
	if o.Format != "" {
		if format = canonicalFormat(o.Format); format == "" {
			return nil, fmt.Errorf("Format %q: want csv, tsv, parquet, arrow or ndjson", o.Format)
		}
	}
	ext := compression(head)
	if packed != "" && ext == "" && format != "parquet" && format != "arrow" {
		return nil, fmt.Errorf("%s: %w: it is not compressed as its name says", shown, ErrCorrupt)
	}
	if format == "" && ext == "" {
		format = sniff(head)
	}
	switch ext {
	case "":
		if format != "parquet" && format != "arrow" && (o.Encoding != "" || isUTF16(head) || isURL(name)) {
			return []input{newInput(format, shown, "", decoded(openPlain(name), o.Encoding), o)}, nil
		}
		return []input{newInput(format, shown, name, nil, o)}, nil
	case ".zip":
		members, opens, err := zipMembers(name)
		if err != nil {
			return nil, err
		}
		var inputs []input
		for i, m := range members {
			memberFormat := format
			if f, _ := formatOf(m); f != "" && o.Format == "" {
				memberFormat = f
			}
			label := name
			if len(members) > 1 {
				label = name + "/" + m
			}
			if memberFormat == "parquet" || memberFormat == "arrow" {
				return nil, fmt.Errorf("%s: %s files inside a zip file can't be read: unpack it", label, memberFormat)
			}
			inputs = append(inputs, newInput(memberFormat, label, "", decoded(opens[i], o.Encoding), o))
		}
		return inputs, nil
	}
	if format == "parquet" || format == "arrow" {
		return nil, fmt.Errorf("%s: compressed %s files can't be read: unpack it", shown, format)
	}
	return []input{newInput(format, shown, "", decoded(openCompressed(name, ext), o.Encoding), o)}, nil
}

func newInput(format, label, path string, open openText, o *Options) input {
	switch format {
	case "parquet":
		return &parquetFile{path: label, address: path, options: o}
	case "arrow":
		return &arrowFile{path: label, address: path, options: o}
	case "ndjson":
		return &jsonFile{input: label, path: path, open: open, options: o}
	}
	options := o
	if format == "tsv" && o.Format == "" {
		tabs := *o
		tabs.Format = format
		options = &tabs
	}
	return &csvFile{input: label, path: path, open: open, options: options}
}

// formatOf is the format and the compression that a file's name stands for, "" where it says none.
func formatOf(name string) (format, packed string) {
	lower := strings.ToLower(filepath.Base(pathOf(name)))
	for _, ext := range []string{".gz", ".zst", ".zstd", ".zip", ".bz2"} {
		if rest, ok := strings.CutSuffix(lower, ext); ok {
			lower, packed = rest, ext
			break
		}
	}
	return canonicalFormat(strings.TrimPrefix(filepath.Ext(lower), ".")), packed
}

func canonicalFormat(s string) string {
	switch strings.ToLower(strings.TrimPrefix(s, ".")) {
	case "csv", "txt":
		return "csv"
	case "tsv", "tab":
		return "tsv"
	case "parquet", "pq":
		return "parquet"
	case "arrow", "arrows", "feather", "ipc":
		return "arrow"
	case "ndjson", "jsonl", "json":
		return "ndjson"
	}
	return ""
}

// sniff guesses the format of a file whose name says nothing.
func sniff(head []byte) string {
	switch text := strings.TrimLeft(string(head), "\ufeff \t\r\n"); {
	case strings.HasPrefix(text, parquetMagic):
		return "parquet"
	case strings.HasPrefix(text, arrowMagic), strings.HasPrefix(text, "\xff\xff\xff\xff"):
		return "arrow"
	case strings.HasPrefix(text, "{"):
		return "ndjson"
	}
	return "csv"
}

const (
	parquetMagic = "PAR1"
	arrowMagic   = "ARROW1"
)

// sizeOf is how many bytes a file has.
func sizeOf(ctx context.Context, name string) (int64, error) {
	if isURL(name) {
		f, err := lookUp(ctx, name)
		if err != nil {
			return 0, err
		}
		return f.size, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return 0, pathError(name, err)
	}
	return info.Size(), nil
}

func fileHead(ctx context.Context, name string) ([]byte, error) {
	f, err := openStored(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return headOf(f, name)
}

// headOf is the first bytes of a file.
func headOf(f io.ReaderAt, name string) ([]byte, error) {
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, pathError(publicURL(name), err)
	}
	return head[:n], nil
}

func (s *files) Name() string { return s.label }

func (s *files) Size() int64 { return s.size }

// Seekable says whether this machine can read some splits of s at little cost: not those of text that is decompressed, nor of files behind
// addresses.
func Seekable(s Source) bool {
	switch s := s.(type) {
	case *records:
		return true
	case *files:
		return !slices.ContainsFunc(s.inputs, func(in input) bool { return !seekable(in) })
	}
	return false
}

func seekable(in input) bool {
	switch in := in.(type) {
	case *csvFile:
		return in.open == nil
	case *jsonFile:
		return in.open == nil
	case *parquetFile:
		return in.open == nil
	case *arrowFile:
		return in.open == nil && !in.stream
	}
	return false
}

// Schema looks at every input once; what differs is an error.
func (s *files) Schema(ctx context.Context) (*arrow.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.schema != nil {
		return s.schema, nil
	}
	var all *columns
	var names [][]string
	for _, in := range s.inputs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cols, err := in.learn(ctx)
		if err != nil {
			return nil, err
		}
		names = append(names, cols.names)
		if all == nil {
			all = cols.clone()
			continue
		}
		if (all.guesses == nil) != (cols.guesses == nil) {
			return nil, fmt.Errorf("%s: %w: it is of another format than %s", in.name(), ErrSchema, s.inputs[0].name())
		}
		if err := all.merge(s.inputs[0].name(), in.name(), cols, s.options.Union || cols.loose); err != nil {
			return nil, err
		}
	}
	full, err := all.schema(s.label, &s.options)
	if err != nil {
		return nil, err
	}
	if full, err = s.partitioned(full); err != nil {
		return nil, err
	}
	narrowed, err := s.options.narrow(s.label, full)
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		s.owned = append(s.owned, own(narrowed, n))
		maps.DeleteFunc(s.partitions[i], func(key string, _ *string) bool { return s.owned[i].HasField(key) || !narrowed.HasField(key) })
	}
	s.schema, s.book = narrowed, newCodebook(s.inputs, narrowed)
	return narrowed, nil
}

func (s *files) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	if want <= 0 {
		want = defaultSplit
	}
	return func(yield func(Split, error) bool) {
		schema, err := s.Schema(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for i, in := range s.inputs {
			splits := s.prepared(in, in.splits(ctx, s.owned[i], want, i == 0), want)
			for split, err := range filled(splits, in.name(), s.owned[i], schema, s.partitions[i]) {
				if !yield(split, err) || err != nil {
					return
				}
			}
		}
	}
}

// prepared are splits of an input as they are given: row groups know which texts are read as codes, and small ones are put together.
func (s *files) prepared(in input, splits iter.Seq2[Split, error], want int64) iter.Seq2[Split, error] {
	if _, ok := in.(*parquetFile); !ok {
		return splits
	}
	return func(yield func(Split, error) bool) {
		var groups rowGroups
		for split, err := range splits {
			if err != nil {
				yield(nil, err)
				return
			}
			g := split.(*rowGroup)
			g.book, g.inputs = s.book, s.inputs
			groups = append(groups, g)
		}
		for split := range groups.joined(want) {
			if !yield(split, nil) {
				return
			}
		}
	}
}
