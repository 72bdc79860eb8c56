package module

import (
	"context"
	"os"
	"time"
)

// lockFile opens a file and waits for its lock: shared for reading, else exclusive. The lock is the go command's own on
// that file, so that kernels and go commands wait for each other. It ends with the process, too.
func lockFile(ctx context.Context, name string, flag int) (file *os.File, unlock func(), err error) {
	file, err = os.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, nil, err
	}
	exclusive := flag&(os.O_WRONLY|os.O_RDWR) != 0
	// The lock is polled: a thread that waits in the system for it couldn't be cancelled.
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		locked, err := tryLock(file, exclusive)
		if err != nil {
			file.Close()
			return nil, nil, err
		}
		if locked {
			return file, func() { file.Close() }, nil
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, nil, context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
