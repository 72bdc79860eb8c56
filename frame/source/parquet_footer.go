package source

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/metadata"

	"github.com/rivulet-go/rivulet/frame/parquet"
)

// parquetFooter is what the footer of a Parquet file says. It never changes.
type parquetFooter struct {
	footer  *parquet.File
	meta    *metadata.FileMetaData // the same, for Arrow's reader
	typed   *arrow.Schema          // with durations
	decoded []bool                 // which fields package parquet decodes
	nested  []bool                 // which of the others it puts together from their leaves
}

func (p *parquetFile) learn(ctx context.Context) (cols *columns, err error) {
	defer guardPanic(p.path, &err)()
	f, err := p.file(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	known, ok := lastFooters.find(f.info)
	if !ok {
		if known, err = p.readFooter(ctx, f); err != nil {
			return nil, err
		}
		lastFooters.keep(f.info, known)
	}
	p.parquetFooter = known
	return typedColumns(p.path, p.typed)
}

// readFooter reads what the columns are read by. It refuses what Arrow's reader of footers would believe.
func (p *parquetFile) readFooter(ctx context.Context, f *storedFile) (out parquetFooter, err error) {
	if out.footer, err = parquet.Open(f, f.Size()); err != nil {
		return out, cmp.Or(f.failure(), p.corrupt(ctx, err))
	}
	r, err := p.stockReader(ctx, f, memory.NewGoAllocator())
	if err != nil {
		return out, err
	}
	schema, err := r.Schema()
	if err != nil {
		return out, p.corrupt(ctx, err)
	}
	out.meta = r.ParquetReader().MetaData()
	stored, err := storedSchema(out.meta)
	if err != nil {
		return out, p.corrupt(ctx, err)
	}
	out.typed = withDurations(schema, stored)
	if out.typed.NumFields() != len(out.footer.Fields) {
		return out, p.corrupt(ctx, fmt.Errorf("its schema has %d columns, not %d", len(out.footer.Fields), out.typed.NumFields()))
	}
	out.decoded, out.nested = make([]bool, out.typed.NumFields()), make([]bool, out.typed.NumFields())
	for i, f := range out.typed.Fields() {
		out.decoded[i] = out.footer.Decodes(i, f.Type)
		out.nested[i] = !out.decoded[i] && out.footer.DecodesNested(i, f.Type)
	}
	return out, nil
}

const (
	// keptChunks is how many column chunks footers may have in all that are kept, each of which takes a kilobyte or two; a footer counts as
	// leastChunks at least.
	keptChunks, leastChunks = 4096, 16
	// settled is how old a file is whose footer is kept: of a younger one, a change may leave size and time as they are.
	settled = 2 * time.Second
)

// lastFooters are those of this process.
var lastFooters footers

// footers are the footers of the files on this machine that were opened last: the same cell is run many times over the same files. A file is
// the same while it is in the same place of the disk, and its size and time of change are the same. It is safe for concurrent use.
type footers struct {
	mu     sync.Mutex
	kept   []keptFooter // the last used last
	chunks int
}

type keptFooter struct {
	parquetFooter

	info   os.FileInfo
	chunks int
}

// find gives the footer of a file, where it is kept; info is nil for a file that is elsewhere.
func (l *footers) find(info os.FileInfo) (parquetFooter, bool) {
	if info == nil {
		return parquetFooter{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.kept, func(k keptFooter) bool {
		return k.info.Size() == info.Size() && k.info.ModTime().Equal(info.ModTime()) && os.SameFile(k.info, info)
	})
	if i < 0 {
		return parquetFooter{}, false
	}
	k := l.kept[i]
	l.kept = append(slices.Delete(l.kept, i, i+1), k)
	return k.parquetFooter, true
}

// keep keeps the footer of a file in place of those that were used longest ago, and of what the file was before.
func (l *footers) keep(info os.FileInfo, footer parquetFooter) {
	if info == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(func(k keptFooter) bool { return os.SameFile(k.info, info) })
	chunks := max(len(footer.footer.Fields)*len(footer.footer.Groups), leastChunks)
	if chunks > keptChunks || time.Since(info.ModTime()) < settled {
		return
	}
	l.kept, l.chunks = append(l.kept, keptFooter{footer, info, chunks}), l.chunks+chunks
	l.drop(func(keptFooter) bool { return l.chunks > keptChunks })
}

func (l *footers) drop(which func(keptFooter) bool) {
	l.kept = slices.DeleteFunc(l.kept, func(k keptFooter) bool {
		if !which(k) {
			return false
		}
		l.chunks -= k.chunks
		return true
	})
}
