package ray

import (
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketPair is a connected pair: a connection, and the file that a child inherits.
func socketPair() (net.Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	for _, fd := range fds {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 1<<20) // fewer wake-ups for large blocks
	}
	ours := os.NewFile(uintptr(fds[0]), "glue")
	conn, err := net.FileConn(ours)
	_ = ours.Close()
	theirs := os.NewFile(uintptr(fds[1]), "session")
	if err != nil {
		_ = theirs.Close()
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	return conn, theirs, nil
}

// memoryFile is a file without a name.
func memoryFile(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("glue", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	f := os.NewFile(uintptr(fd), "glue")
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// ownGroup keeps a terminal's interrupt, which is for the running cell, from the glue.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
