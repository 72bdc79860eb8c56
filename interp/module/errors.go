package module

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"syscall"
)

var (
	// ErrNotFound is the cause when no proxy has the module or the version.
	ErrNotFound = errors.New("not found")
	// ErrChecksum is the cause when what was downloaded is not what the checksum database has on record.
	ErrChecksum = errors.New("checksum mismatch")
	// ErrUnverified is the cause when the checksum database gave no answer.
	ErrUnverified = errors.New("the checksum can't be verified")
	// ErrDirect is the cause when the settings send a module to its repository.
	ErrDirect = errors.New("its repository would have to be read directly, and there is no version-control client here")
	// ErrOff is the cause when GOPROXY=off forbids a download.
	ErrOff = errors.New("downloads are disabled by GOPROXY=off")
	// ErrConflict is the cause when a version was asked for that another module's requirements rule out.
	ErrConflict = errors.New("versions conflict")
	// ErrUnknown is the cause when no module of the build list has a package.
	ErrUnknown = errors.New("no module provides it")
	// ErrNotLoaded is the cause when a package was asked for that no Get or Load has read.
	ErrNotLoaded = errors.New("not loaded")
	// ErrInternal is the cause when an internal package is imported from outside its tree.
	ErrInternal = errors.New("use of internal package not allowed")
)

// Error says what went wrong with a module or a package, and the way out where there is one.
type Error struct {
	Path    string // of a module or package
	Version string // empty where none is known
	Err     error
	Hint    string
}

// Error is "path@version: cause; hint".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Version != "" {
		b.WriteString("@" + e.Version)
	}
	b.WriteString(": " + e.Err.Error())
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// statusError is a proxy's answer that isn't 200.
type statusError struct {
	code int
	text string // what the proxy says about it, on one line; may be empty
}

func (e *statusError) Error() string {
	switch {
	case e.missing() && e.text != "":
		return "not found: " + e.text
	case e.missing():
		return "not found"
	case e.text != "":
		return fmt.Sprintf("status %d: %s", e.code, e.text)
	}
	return fmt.Sprintf("status %d", e.code)
}

func (e *statusError) missing() bool { return e.code == 404 || e.code == 410 }

// Is makes a missing file of a proxy what a missing file of a directory is.
func (e *statusError) Is(target error) bool {
	return e.missing() && (target == fs.ErrNotExist || target == ErrNotFound)
}

// missing reports whether err says that a proxy was asked and doesn't have it.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotFound) }

// netError hides which host a request went to: a proxy's URL may hold a password, and the user knows GOPROXY.
type netError struct {
	text string
	err  error
}

func (e *netError) Error() string { return e.text }
func (e *netError) Unwrap() error { return e.err }

// hostless says in words what a request failed with.
func hostless(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := ""
	var errno syscall.Errno
	switch {
	case isAs[*net.DNSError](err):
		text = "the host's name doesn't resolve"
	case isAs[*x509.UnknownAuthorityError](err), isAs[x509.UnknownAuthorityError](err), isAs[x509.HostnameError](err):
		text = "the host's certificate isn't trusted"
	case errors.As(err, &errno):
		text = errno.Error()
	default:
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			text = "no answer in time"
		} else if inner, ok := errors.AsType[*net.OpError](err); ok {
			text = inner.Err.Error()
		} else if inner, ok := errors.AsType[*url.Error](err); ok {
			text = inner.Err.Error()
		} else {
			return err
		}
	}
	return &netError{text: text, err: err}
}

func isAs[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
