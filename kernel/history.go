package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// historyBytes is how large the history may be before its older half is dropped.
	historyBytes = 8 << 20
	// outputBytes is how much of a result is kept.
	outputBytes = 64 << 10
)

// entry is an executed cell.
type entry struct {
	Session int     `json:"s"` // of the kernel, counted from 1 over all kernels
	Line    int     `json:"n"` // its execution count
	Input   *string `json:"in,omitempty"`
	Output  *string `json:"out,omitempty"` // its result as text, a line of its own in the file
}

// history keeps executed cells in a file that kernels share: a line of JSON each, written under a lock. The lock's file holds the number of the
// newest session. Where the file can't be written, history lasts as long as the kernel.
type history struct {
	path string // "" where there is no file
	log  *slog.Logger

	mu      sync.Mutex
	session int     // 0 before the first use
	mine    []entry // of this session
}

// add notes a cell before it runs.
func (h *history) add(line int, input string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begin()
	e := entry{Session: h.session, Line: line, Input: &input}
	h.mine = append(h.mine, e)
	h.write(e)
}

// result notes what the newest cell gave.
func (h *history) result(line int, output string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.mine); n > 0 && h.mine[n-1].Line == line {
		output = strings.ToValidUTF8(output[:min(len(output), outputBytes)], "")
		h.mine[n-1].Output = &output
		h.write(entry{Session: h.session, Line: line, Output: &output})
	}
}

// begin takes a number for this session.
func (h *history) begin() {
	if h.session > 0 {
		return
	}
	h.session = 1
	if h.path == "" {
		return
	}
	err := os.MkdirAll(filepath.Dir(h.path), 0o700)
	if err == nil {
		err = h.locked(func(lock *os.File) error {
			text := make([]byte, 20)
			n, _ := lock.ReadAt(text, 0)
			last, _ := strconv.Atoi(strings.TrimSpace(string(text[:n]))) // a new file is empty
			h.session = last + 1
			if _, err := lock.WriteAt(fmt.Appendf(nil, "%d\n", h.session), 0); err != nil {
				return err
			}
			return h.trim()
		})
	}
	h.check(err)
}

// check gives the file up where it fails.
func (h *history) check(err error) {
	if err != nil {
		h.log.Info("history is not kept on disk", "error", err)
		h.path = ""
	}
}

// locked excludes other kernels while do runs.
func (h *history) locked(do func(lock *os.File) error) error {
	lock, err := os.OpenFile(h.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() // and with it the lock
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	return do(lock)
}

func (h *history) write(e entry) {
	if h.path == "" {
		return
	}
	text, err := marshal(e)
	if err == nil {
		err = h.locked(func(*os.File) error {
			f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
			if err != nil {
				return err
			}
			_, err = f.Write(append(text, '\n'))
			return errors.Join(err, f.Close())
		})
	}
	h.check(err)
}

// trim drops the older half of a history that has grown long.
func (h *history) trim() error {
	info, err := os.Stat(h.path)
	if err != nil || info.Size() <= historyBytes {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	text, err := os.ReadFile(h.path)
	if err != nil {
		return err
	}
	_, newer, _ := bytes.Cut(text[len(text)/2:], []byte("\n"))
	next := h.path + ".new"
	if err := os.WriteFile(next, newer, 0o600); err != nil {
		return err
	}
	return os.Rename(next, h.path)
}

// entries are those of all sessions, oldest first, and the number of this one.
func (h *history) entries() ([]entry, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begin()
	if h.path == "" {
		return h.mine, h.session
	}
	all, err := h.read()
	if err != nil {
		h.log.Info("history", "error", err)
		return h.mine, h.session
	}
	return all, h.session
}

// own are the entries of this session.
func (h *history) own() []entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clip(h.mine)
}

func (h *history) read() (all []entry, err error) {
	f, err := os.Open(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	places := map[[2]int]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 2*historyBytes)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // cut off by a crash
		}
		key := [2]int{e.Session, e.Line}
		if e.Input != nil {
			places[key] = len(all)
			all = append(all, e)
		} else if at, ok := places[key]; ok {
			all[at].Output = e.Output
		}
	}
	return all, lines.Err()
}
