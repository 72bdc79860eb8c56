package source

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
)

// storedFile is a file that is read at places, wherever it is stored.
type storedFile struct {
	*io.SectionReader
	closer io.Closer   // nil where nothing is open
	pieces *pieces     // nil where it is on this machine
	info   os.FileInfo // which file it is, nil where it is not on this machine
}

// failure is why a piece could not be had, nil where all could: readers of formats make something else of it.
func (f *storedFile) failure() error {
	if f.pieces == nil {
		return nil
	}
	f.pieces.mu.Lock()
	defer f.pieces.mu.Unlock()
	return f.pieces.err
}

// Close gives back what is open.
func (f *storedFile) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// opener opens a file that is not at its path.
type opener func(context.Context) (*storedFile, error)

// openStored opens a file of this machine, or that of an address. Reading ends with ctx where it is far.
func openStored(ctx context.Context, path string) (*storedFile, error) {
	if isURL(path) {
		return openURL(ctx, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, pathError(path, err)
	}
	return &storedFile{SectionReader: io.NewSectionReader(f, 0, info.Size()), closer: f, info: info}, nil
}

// openSequential opens a file that is read from its start to its end.
func openSequential(path string) (io.ReadCloser, error) {
	if !isURL(path) {
		f, err := os.Open(path)
		if err != nil {
			return nil, pathError(path, err)
		}
		return f, nil
	}
	// Pieces rather than one long answer: whatever breaks in between is asked for again.
	ctx, cancel := context.WithCancel(context.Background())
	f, err := openURL(ctx, path)
	if err != nil {
		cancel()
		return nil, err
	}
	f.closer = closing(cancel)
	return f, nil
}

// closing is a function as an io.Closer.
type closing func()

// Close calls it.
func (c closing) Close() error {
	c()
	return nil
}

const (
	// PieceBytes is the size of the pieces in which a file is read that is not on this machine; the last is shorter.
	PieceBytes = 2 << 20
	// keptPieces are as many as hold a place of each of some columns that are read side by side.
	keptPieces = 24
)

// pieces reads a file piece by piece and keeps those that were used last. It is safe for concurrent use.
type pieces struct {
	fetch func(index int64) ([]byte, error) // gives PieceBytes bytes, or less at the end

	mu   sync.Mutex
	kept []piece // the last used last
	err  error
}

type piece struct {
	index int64
	data  []byte
}

// newPieces is a file of size bytes.
func newPieces(size int64, fetch func(index int64) ([]byte, error)) *storedFile {
	p := &pieces{fetch: fetch}
	return &storedFile{SectionReader: io.NewSectionReader(p, 0, size), pieces: p}
}

// ReadAt implements io.ReaderAt.
func (p *pieces) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		data, err := p.piece((at + int64(n)) / PieceBytes)
		if err != nil {
			return n, err
		}
		from := (at + int64(n)) % PieceBytes
		if from >= int64(len(data)) {
			return n, io.EOF
		}
		n += copy(b[n:], data[from:])
	}
	return n, nil
}

func (p *pieces) piece(index int64) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.kept, func(k piece) bool { return k.index == index }); i >= 0 {
		k := p.kept[i]
		p.kept = append(slices.Delete(p.kept, i, i+1), k)
		return k.data, nil
	}
	data, err := p.fetch(index)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			p.err = cmp.Or(p.err, err)
		}
		return nil, err
	}
	if len(p.kept) == keptPieces {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	p.kept = append(p.kept, piece{index, data})
	return data, nil
}
