package ray

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// UploadEnv sets up to which size files are sent to nodes that do not see them, such as 20GB.
const UploadEnv = "RIVULET_UPLOAD"

const (
	// uploadBytes is where the environment says nothing. A larger file is better put where all nodes see it.
	uploadBytes = 4 << 30
	// uploadShare of the object stores is what files may take that nobody reads now: they stay for the next run.
	uploadShare = 4
)

// files remembers which files all nodes see, and what was uploaded of others. It is safe for concurrent use.
type files struct {
	mu       sync.Mutex
	known    map[fileKey]sight
	uploaded map[fileKey]*upload
	bytes    int64 // of all uploaded
	clock    int64
}

// fileKey tells a file from another of the same path.
type fileKey struct {
	path     string
	size     int64
	modified int64
}

// sight is which nodes do not see a file; asked in vain, that is unknown.
type sight struct {
	missing []string
	unknown bool
}

// upload is pieces of a file in the object store, each put there once.
type upload struct {
	mu     sync.Mutex // putting
	pieces map[int64]distrib.Ref

	users, used int64 // under the lock of files
	bytes       int64
}

func keyOf(path string) (fileKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileKey{}, err
	}
	return fileKey{path, info.Size(), info.ModTime().UnixNano()}, nil
}

// Shared implements worker.Carrier: it asks every node once.
func (e *Engine) Shared(path string) bool {
	key, err := keyOf(path)
	if err != nil {
		return false
	}
	s := e.seen(key)
	return len(s.missing) == 0 && !s.unknown
}

func (e *Engine) seen(key fileKey) sight {
	e.files.mu.Lock()
	defer e.files.mu.Unlock()
	if s, ok := e.files.known[key]; ok {
		return s
	}
	ctx, cancel := context.WithTimeout(context.Background(), sharedTimeout)
	defer cancel()
	r, err := e.session.call(ctx, command{Kind: "seen", Path: key.path, Size: key.size, Modified: key.modified}, nil)
	s := sight{unknown: err != nil || r.Error != ""}
	for _, id := range r.Missing {
		s.missing = append(s.missing, e.nodeName(id))
	}
	if e.files.known == nil {
		e.files.known = map[fileKey]sight{}
	}
	e.files.known[key] = s
	return s
}

// Upload implements worker.Carrier. Pieces stay in the object store after their use, as long as there is room.
func (e *Engine) Upload(ctx context.Context, path string, pieces []int64) ([]distrib.Ref, func(), error) {
	key, err := keyOf(path)
	if err != nil {
		return nil, nil, err
	}
	if err := e.uploadable(key); err != nil {
		return nil, nil, err
	}
	u := e.files.use(key)
	release := sync.OnceFunc(func() { e.Free(e.files.release(u, e.uploadRoom())...) })
	refs, err := e.put(ctx, u, path, pieces)
	if err != nil {
		release()
		return nil, nil, err
	}
	return refs, release, nil
}

// uploadable refuses what is too large.
func (e *Engine) uploadable(key fileKey) error {
	most := int64(uploadBytes)
	if text := os.Getenv(UploadEnv); text != "" {
		var err error
		if most, err = memory.ParseSize(text); err != nil {
			return fmt.Errorf("%s: %w", UploadEnv, err)
		}
	}
	if key.size <= most {
		return nil
	}
	who := "some node does"
	if missing := e.seen(key).missing; len(missing) == 1 {
		who = "node " + missing[0] + " does"
	} else if len(missing) > 1 {
		who = "nodes " + strings.Join(missing, ", ") + " do"
	}
	return fmt.Errorf("%s: %s not see this file, and its %s are more than the %s that are sent (%s): mount it at this path on all nodes, read it from an http(s) address, or raise %s",
		key.path, who, memory.FormatSize(key.size), memory.FormatSize(most), UploadEnv, UploadEnv)
}

// uploadRoom is what may lie in the object stores unused.
func (e *Engine) uploadRoom() (bytes int64) {
	for _, n := range e.hello.Nodes {
		bytes += n.StoreBytes
	}
	return bytes / uploadShare
}

// put gives the blocks of pieces, made where they are not there yet.
func (e *Engine) put(ctx context.Context, u *upload, path string, pieces []int64) (refs []distrib.Ref, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var f *os.File
	for _, i := range pieces {
		ref, ok := u.pieces[i]
		if !ok {
			if f == nil {
				if f, err = os.Open(path); err != nil {
					return nil, err
				}
				defer f.Close()
			}
			rec, err := worker.Piece(f, i)
			if err != nil {
				return nil, err
			}
			ref, err = e.Put(ctx, rec)
			rec.Release()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			u.pieces[i] = ref
			e.files.grow(u, ref.Bytes)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// use gives what there is of a file; it stays until release.
func (f *files) use(key fileKey) *upload {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.uploaded == nil {
		f.uploaded = map[fileKey]*upload{}
	}
	u := f.uploaded[key]
	if u == nil {
		u = &upload{pieces: map[int64]distrib.Ref{}}
		f.uploaded[key] = u
	}
	u.users++
	return u
}

func (f *files) grow(u *upload, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u.bytes += bytes
	f.bytes += bytes
}

// release gives the blocks that are to be freed: those of the files that were used least recently, beyond room.
func (f *files) release(u *upload, room int64) (free []distrib.Ref) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock++
	u.users--
	u.used = f.clock
	for f.bytes > room {
		var oldest fileKey
		var old *upload
		for key, u := range f.uploaded {
			if u.users == 0 && (old == nil || u.used < old.used) {
				oldest, old = key, u
			}
		}
		if old == nil {
			return free
		}
		delete(f.uploaded, oldest)
		f.bytes -= old.bytes
		for ref := range maps.Values(old.pieces) {
			free = append(free, ref)
		}
	}
	return free
}
