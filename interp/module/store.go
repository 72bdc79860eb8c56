package module

import (
	"context"
	"net/http"
	"sync"

	gomod "golang.org/x/mod/module"
)

// maxParallel bounds the requests of one task that are under way at once.
const maxParallel = 16

// Store is the modules that a machine has and can get: the cache, the proxies, the checksum database. It is safe for
// concurrent use, also by several processes.
type Store struct {
	settings Settings
	proxies  []proxy
	client   *http.Client
	cache    cache
	verified sync.Map // "path version hash", of what the checksum database has confirmed
	steps    sync.Map // directory of a module in the cache to func() [][]string, its tagSteps
}

// Open takes the settings; it reads no module and sends nothing.
func Open(s Settings) (*Store, error) {
	proxies, err := parseProxies(s.Proxy)
	if err != nil {
		return nil, err
	}
	return &Store{settings: s, proxies: proxies, client: newClient(), cache: openCache(s)}, nil
}

// Close ends the connections that are kept open. The store may be used again.
func (s *Store) Close() { s.client.CloseIdleConnections() }

// task is one Get or Load: what it has asked once, it doesn't ask again.
type task struct {
	*Store
	sums     *sums
	progress func(string)
	changes  *replacements

	mu       sync.Mutex
	versions map[string]func() (listing, error)
	files    map[gomod.Version]func() (*goMod, error)
	steps    sync.Map // of local modules, as the Store's
}

func (s *Store) newTask(ctx context.Context, changes *replacements, progress func(string)) *task {
	var mu sync.Mutex
	report := func(text string) {
		if progress != nil {
			mu.Lock()
			defer mu.Unlock()
			progress(text)
		}
	}
	return &task{
		Store: s, sums: newSums(ctx, s), progress: report, changes: changes,
		versions: map[string]func() (listing, error){},
		files:    map[gomod.Version]func() (*goMod, error){},
	}
}

// once runs f for a key the first time; who asks for the same key waits for that.
func once[K comparable, V any](mu *sync.Mutex, results map[K]func() (V, error), key K, f func() (V, error)) (V, error) {
	mu.Lock()
	result, ok := results[key]
	if !ok {
		result = sync.OnceValues(f)
		results[key] = result
	}
	mu.Unlock()
	return result()
}
