package frame

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Read is a frame over files: a path, a glob, a folder, or a list of them. The extension says what they are: csv, tsv,
// ndjson, jsonl (also .gz, .zst, .zip, .bz2), parquet, arrow, feather, ipc. Several files are read one after the other and
// must have the same columns, in any order, unless UnionColumns is given; of a folder all files are read that are of one
// format and not hidden. Folders below it, or below what a glob begins with, that are named key=value, are columns; filters by these
// pass over files. Only as much as the schema needs is read now. A file may be behind an http:// or https:// address, with
// a signature in it too, of a server that gives parts of files: of a Parquet file only what is wanted is fetched.
//
//	df := Read("flights.csv.zip")
//	df := Read("logs/2024-*.csv.gz", Delimiter(';'), Types(map[string]string{"zip": "string"}))
//	df := Read([]string{"a.parquet", "b.parquet"})
//	df := Read("https://bucket.s3.amazonaws.com/a.parquet")
func Read(path any, options ...Option) *Frame {
	paths, err := pathList(path)
	var o source.Options
	var bad []**Frame
	for _, option := range options {
		if option.apply == nil {
			continue
		}
		err = cmp.Or(err, option.apply(&o))
		if option.rejects != nil {
			bad = append(bad, option.rejects)
		}
	}
	var src source.Source
	ctx := cellContext()
	if err == nil {
		src, err = source.Open(ctx, paths, o)
	}
	for _, b := range bad {
		*b = readRejects(ctx, src, err)
	}
	return scan(ctx, src, err)
}

// scan is a frame over a source, or of the error that there was.
func scan(ctx context.Context, src source.Source, err error) *Frame {
	if err != nil {
		return failedFrame("Read", err)
	}
	n, err := plan.NewScan(ctx, src)
	if err != nil {
		return failedFrame("Read", err)
	}
	return &Frame{node: n, name: src.Name()}
}

func readRejects(ctx context.Context, src source.Source, err error) *Frame {
	if err == nil {
		src, err = source.Rejects(src)
	}
	return scan(ctx, src, err)
}

func pathList(path any) ([]string, error) {
	switch p := path.(type) {
	case string:
		if p == "" {
			return nil, errors.New("the path is empty")
		}
		return []string{p}, nil
	case []string:
		if len(p) == 0 {
			return nil, errors.New("the list of paths is empty")
		}
		return append([]string(nil), p...), nil
	case []any:
		var out []string
		for _, v := range p {
			s, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("a path is a string, not a %T", v)
			}
			out = append(out, s)
		}
		return pathList(out)
	}
	return nil, fmt.Errorf("want a path, a glob or a list of them, not a %T", path)
}
