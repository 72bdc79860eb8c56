package source

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Files behind http:// and https:// addresses, those of object stores with their signature in the address too, are read by
// ranges of bytes, so that of a Parquet file only the columns and row groups that are wanted come over the network.

const (
	// urlTries is how often a range is asked for, where the network or the server fails.
	urlTries = 4
	urlPause = 200 * time.Millisecond // before the second; then twice as long each time
	// urlTimeout is for a piece.
	urlTimeout = time.Minute
)

var urlClient = &http.Client{Transport: &http.Transport{
	Proxy: http.ProxyFromEnvironment, DisableCompression: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second,
	ForceAttemptHTTP2: true, ResponseHeaderTimeout: 30 * time.Second,
}}

func isURL(path string) bool {
	return strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://")
}

// pathOf is the path of an address, a path itself otherwise: what tells the format.
func pathOf(name string) string {
	if isURL(name) {
		if u, err := url.Parse(name); err == nil {
			return u.Path
		}
	}
	return name
}

// urlFile is a file at an address.
type urlFile struct {
	address string
	size    int64
	tag     string // the server's name of this state of it, "" for none
	changed string // when it was, as the server says
}

// lookUp asks what is at an address, with its first byte: a signature in the address may not allow HEAD.
func lookUp(ctx context.Context, address string) (f *urlFile, err error) {
	f = &urlFile{address: address}
	err = f.retried(ctx, func(ctx context.Context) error {
		answer, err := f.ask(ctx, 0, 0)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		f.tag, f.changed = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
		if strings.HasPrefix(f.tag, "W/") {
			f.tag = "" // says nothing about bytes
		}
		if answer.StatusCode == http.StatusRequestedRangeNotSatisfiable || answer.StatusCode == http.StatusOK && answer.ContentLength == 0 {
			return fmt.Errorf("%s: %w", f.name(), ErrEmpty)
		}
		_, total, _ := strings.Cut(answer.Header.Get("Content-Range"), "/")
		f.size, err = strconv.ParseInt(total, 10, 64)
		if err != nil || answer.StatusCode != http.StatusPartialContent {
			return fmt.Errorf("%s: its server does not give parts of files: download it first", f.name())
		}
		return nil
	})
	return f, err
}

// name is the address without what may be a secret.
func (f *urlFile) name() string { return publicURL(f.address) }

// publicURL is an address as it may be shown: without a password, and without the query, in which signatures are. Paths stay.
func publicURL(address string) string {
	if !isURL(address) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		before, _, _ := strings.Cut(address, "?")
		return before
	}
	u.RawQuery = ""
	return u.Redacted()
}

// transient is a failure that may pass.
type transient struct{ error }

// retried calls f until it succeeds, fails for good, or has failed often enough.
func (f *urlFile) retried(ctx context.Context, try func(context.Context) error) error {
	pause := urlPause
	for n := 1; ; n++ {
		err := func() error {
			limited, cancel := context.WithTimeout(ctx, urlTimeout)
			defer cancel()
			return try(limited)
		}()
		passing, ok := errors.AsType[transient](err)
		if err == nil || !ok {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n == urlTries {
			return fmt.Errorf("%s: %w (tried %d times)", f.name(), passing.error, n)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause *= 2
	}
}

// ask asks for the bytes from first to last.
func (f *urlFile) ask(ctx context.Context, first, last int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.address, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last))
	if f.tag != "" {
		request.Header.Set("If-Match", f.tag)
	}
	answer, err := urlClient.Do(request)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // its text has the whole address
		}
		return nil, transient{err}
	}
	switch code := answer.StatusCode; {
	case code < 300 || code == http.StatusRequestedRangeNotSatisfiable:
		return answer, nil
	case code == http.StatusNotFound || code == http.StatusGone:
		err = fmt.Errorf("%s: no such file (%s): %w", f.name(), answer.Status, fs.ErrNotExist)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		err = fmt.Errorf("%s: its server refuses it (%s; has a signed address expired?): %w", f.name(), answer.Status, fs.ErrPermission)
	case code == http.StatusPreconditionFailed:
		err = fmt.Errorf("%s: the file has changed since it was opened", f.name())
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		err = transient{fmt.Errorf("its server says %s", answer.Status)}
	default:
		err = fmt.Errorf("%s: its server says %s", f.name(), answer.Status)
	}
	_ = answer.Body.Close()
	return nil, err
}

// piece reads one.
func (f *urlFile) piece(ctx context.Context, index int64) (data []byte, err error) {
	first := index * PieceBytes
	last := min(first+PieceBytes, f.size) - 1
	if first > last {
		return nil, io.EOF
	}
	err = f.retried(ctx, func(ctx context.Context) error {
		answer, err := f.ask(ctx, first, last)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusPartialContent {
			return fmt.Errorf("%s: its server does not give parts of files any more (%s)", f.name(), answer.Status)
		}
		data = make([]byte, last-first+1)
		if _, err := io.ReadFull(answer.Body, data); err != nil {
			return transient{err}
		}
		return nil
	})
	return data, err
}

// stamp tells this state of the file from others.
func (f *urlFile) stamp() stamp {
	h := fnv.New64a()
	_, _ = io.WriteString(h, f.tag+"\n"+f.changed)
	return stamp{f.size, int64(h.Sum64())}
}

// openURL opens the file at an address.
func openURL(ctx context.Context, address string) (*storedFile, error) {
	f, err := lookUp(ctx, address)
	if err != nil {
		return nil, err
	}
	return newPieces(f.size, func(index int64) ([]byte, error) { return f.piece(ctx, index) }), nil
}
