package complete

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

const (
	// fileTime bounds the reading of a file.
	fileTime = 5 * time.Second
	// maxFiles bounds the files that are remembered.
	maxFiles = 100
)

// files remembers the columns of the files that cells name.
type files struct {
	mu   sync.Mutex
	read map[fileKey]*fileColumns
}

type fileKey struct {
	path     string
	modified time.Time
	size     int64
}

type fileColumns struct {
	done    chan struct{}
	columns []column // nil: it can't be read
}

// columns are those of a file, where they are known or soon read.
func (f *files) columns(path string, wait time.Duration) ([]column, bool) {
	found := make(chan []column, 1)
	go func() { found <- f.wait(path) }()
	select {
	case list := <-found:
		return list, list != nil
	case <-time.After(wait):
		return nil, false
	}
}

// wait reads a file, once, however often it is asked for; nil where that can't be done.
func (f *files) wait(path string) []column {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	key := fileKey{path, info.ModTime(), info.Size()}
	f.mu.Lock()
	known := f.read[key]
	if known == nil {
		if f.read == nil || len(f.read) >= maxFiles {
			f.read = map[fileKey]*fileColumns{}
		}
		known = &fileColumns{done: make(chan struct{})}
		f.read[key] = known
		go known.find(path)
	}
	f.mu.Unlock()
	<-known.done
	return known.columns
}

// find reads as much of a file as its columns need.
func (f *fileColumns) find(path string) {
	defer close(f.done)
	defer func() {
		if recover() != nil { // a damaged file is that of the cell that reads it
			f.columns = nil
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	src, err := source.Open(ctx, []string{path}, source.Options{})
	if err != nil {
		return
	}
	n, err := plan.NewScan(ctx, src)
	if err != nil {
		return
	}
	for _, field := range n.Schema().Fields() {
		f.columns = append(f.columns, column{name: field.Name, kind: batch.TypeName(field.Type)})
	}
}
