package kernel

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

var errParent = errors.New("the process that started the kernel has ended")

// parentPoll is how often the parent is looked for, as in ipykernel.
const parentPoll = time.Second

// watchParent stops the kernel when the process named by JPY_PARENT_PID is gone, so that no kernel outlives a Jupyter
// server that was killed. An empty pid turns it off.
func watchParent(ctx context.Context, pid string, stop context.CancelCauseFunc) {
	parent, err := strconv.Atoi(pid)
	if err != nil || parent <= 0 {
		return
	}
	// A launcher may stand between: then the named process itself is watched, where it is visible from here (it is not
	// across pid namespaces).
	direct := os.Getppid()
	gone := func() bool { return os.Getppid() != direct }
	if direct != parent && alive(parent) {
		gone = func() bool { return !alive(parent) }
	}
	tick := time.NewTicker(parentPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if gone() {
				stop(errParent)
				return
			}
		}
	}
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
