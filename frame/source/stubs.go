package source

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

type parquetFile struct {
	path    string
	options *Options
}
type arrowFile struct {
	path    string
	options *Options
}
type jsonFile struct {
	input, path string
	open        openText
	options     *Options
}

var errNotYet = errors.New("format is not read yet")

func (f *parquetFile) name() string                            { return f.path }
func (f *arrowFile) name() string                              { return f.path }
func (f *jsonFile) name() string                               { return f.input }
func (f *parquetFile) learn(context.Context) (*columns, error) { return nil, errNotYet }
func (f *arrowFile) learn(context.Context) (*columns, error)   { return nil, errNotYet }
func (f *jsonFile) learn(context.Context) (*columns, error)    { return nil, errNotYet }
func (f *parquetFile) splits(context.Context, *arrow.Schema, int64, bool) iter.Seq2[Split, error] {
	return nil
}

func (f *arrowFile) splits(context.Context, *arrow.Schema, int64, bool) iter.Seq2[Split, error] {
	return nil
}

func (f *jsonFile) splits(context.Context, *arrow.Schema, int64, bool) iter.Seq2[Split, error] {
	return nil
}

// Write writes a stream to a file.
func Write(ctx context.Context, path string, schema *arrow.Schema, s batch.Stream) (rows int64, err error) {
	return 0, errNotYet
}
