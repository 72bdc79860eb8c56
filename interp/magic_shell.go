package interp

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/rivulet-go/rivulet/interp/cell"
)

// shellGrace is how long what a command leaves behind may hold its output open.
const shellGrace = 500 * time.Millisecond

// shell is a line that begins with !, and %%sh. What the command prints comes while it runs; an interrupt ends it with all that it
// has started.
func (l *language) shell(r *run, line cell.Magic) error {
	text := line.Args
	if line.Cell {
		text = line.Body
	}
	c := exec.CommandContext(r.halt, "sh", "-c", text)
	c.Stdout, c.Stderr = printer{r, "stdout"}, printer{r, "stderr"}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = shellGrace
	err := c.Run()
	if errors.Is(err, exec.ErrWaitDelay) { // something goes on in the background
		err = nil
	}
	if err != nil {
		return fmt.Errorf("shell: %w", err)
	}
	return nil
}

// printer writes to a stream of a cell.
type printer struct {
	r    *run
	name string
}

func (p printer) Write(b []byte) (int, error) {
	p.r.print(p.name, b)
	return len(b), nil
}
