package module

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// maxReplyBytes bounds what is read into memory: a list of versions, a go.mod, a record or tile of the checksum database.
const maxReplyBytes = 16 << 20

// newClient is a client that gives up on a host that doesn't answer, but not on a long download.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 2 * time.Minute
	transport.MaxIdleConnsPerHost = maxParallel
	return &http.Client{Transport: transport}
}

// read reads a small file of a proxy or a checksum database.
func (s *Store) read(ctx context.Context, u *url.URL) ([]byte, error) {
	body, _, err := s.open(ctx, u)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxReplyBytes+1))
	if err != nil {
		return nil, hostless(err)
	}
	if len(data) > maxReplyBytes {
		return nil, fmt.Errorf("the reply is larger than %d bytes", maxReplyBytes)
	}
	return data, nil
}

// open opens a file of a proxy. size is -1 where the proxy doesn't say it.
func (s *Store) open(ctx context.Context, u *url.URL) (body io.ReadCloser, size int64, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, context.Cause(ctx)
	}
	if u.Scheme == "file" {
		return openFile(u)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, 0, hostless(err)
	}
	if u.User == nil && u.Scheme == "https" {
		if user, password, found := netrcLogin(s.settings.Netrc, u.Hostname()); found {
			request.SetBasicAuth(user, password)
		}
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, 0, hostless(err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, 0, &statusError{code: response.StatusCode, text: reason(response, u.Host)}
	}
	return response.Body, response.ContentLength, nil
}

func openFile(u *url.URL) (io.ReadCloser, int64, error) {
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	file, err := os.Open(filepath.FromSlash(path))
	if err != nil {
		if missing(err) {
			return nil, 0, &statusError{code: http.StatusNotFound}
		}
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// reason is the first line of what a proxy says about an error, without the name of its host, and without what its
// version-control client wrote.
func reason(response *http.Response, host string) string {
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	line = strings.TrimSpace(strings.TrimPrefix(line, "not found: "))
	if before, _, found := strings.Cut(line, ": git "); found {
		line = before + ": its repository doesn't exist or isn't public"
	}
	if line == "not found" || strings.HasPrefix(line, "404") {
		return ""
	}
	if host != "" {
		line = strings.ReplaceAll(line, host, "the proxy")
	}
	return strings.TrimSuffix(line, ":")
}
