package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/interp"
)

// usual is the value that takes back what was set.
const usual = "default"

// options are what %config sets of the engine and the display.
func (e *engines) options() []interp.Option {
	return []interp.Option{
		sizeOption("rows", "rows shown of a table that has more than three times as many; smaller ones are shown whole", 1, 1000,
			func() int { rows, _ := display.TableSize(); return rows },
			func(n int) { _, columns := display.TableSize(); display.SetTableSize(n, columns) }),
		sizeOption("columns", "columns shown of a table; a wider one loses its middle", 2, 200,
			func() int { _, columns := display.TableSize(); return columns },
			func(n int) { rows, _ := display.TableSize(); display.SetTableSize(rows, n) }),
		{
			Name: "memory", Purpose: "what frames may hold in this process before they spill to disk; a size such as 512MiB or 4GB",
			Get: func() string { return memory.FormatSize(memory.Default().Total()) },
			Set: setMemory,
		},
		{
			Name: "spill", Path: true, Purpose: "the folder of spill files",
			Get: memory.SpillDir,
			Set: e.setSpill,
		},
		{
			Name: "lanes", Purpose: "splits that are worked on at once in this process",
			Get: func() string { return strconv.Itoa(e.here().Slots()) },
			Set: e.setLanes,
		},
		{
			Name: "engine", Words: []string{"local", "ray"}, Purpose: "where frames run: local, or the address of a Ray cluster, as for frame.Connect",
			Get: e.where,
			Set: func(value string) error {
				if value == usual {
					value = "local"
				}
				return frame.Connect(value)
			},
		},
	}
}

// sizeOption is an option that is a number. 0 is its default.
func sizeOption(name, purpose string, low, high int, get func() int, set func(int)) interp.Option {
	return interp.Option{
		Name: name, Purpose: purpose,
		Get: func() string { return strconv.Itoa(get()) },
		Set: func(value string) error {
			if value == usual {
				set(0)
				return nil
			}
			n, err := whole(value, low, high)
			if err == nil {
				set(n)
			}
			return err
		},
	}
}

func whole(value string, low, high int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is no number from %d to %d", value, low, high)
	}
	return n, nil
}

// leastMemory is the smallest budget that %config sets, in bytes: less is refused to every operator.
const leastMemory = 16 << 20

func setMemory(value string) error {
	if value == usual {
		memory.ResizeDefault(memory.DefaultTotal())
		return nil
	}
	n, err := memory.ParseSize(value)
	if err != nil {
		return err
	}
	if n < leastMemory {
		return fmt.Errorf("%s; want %s or more", memory.FormatSize(n), memory.FormatSize(leastMemory))
	}
	memory.ResizeDefault(n)
	return nil
}

// setSpill moves spill files to come. Where there is no room for them is found out now.
func (e *engines) setSpill(value string) error {
	if value == usual {
		return os.Setenv(memory.SpillDirEnv, e.spill)
	}
	dir, err := filepath.Abs(os.ExpandEnv(value))
	if err != nil {
		return err
	}
	file, err := memory.NewSpill(dir)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Setenv(memory.SpillDirEnv, dir)
}

// setLanes puts another engine in the place of the one that there is, whose runs go on.
func (e *engines) setLanes(value string) error {
	if e.where() != "local" {
		return errors.New("a cluster has tasks of its own: engine=local comes first")
	}
	n := runtime.GOMAXPROCS(0)
	if value != usual {
		const most = 1024
		var err error
		if n, err = whole(value, 1, most); err != nil {
			return err
		}
	}
	e.mu.Lock()
	e.replaced = append(e.replaced, e.local)
	e.local = local.New(e.env, n)
	e.mu.Unlock()
	return frame.Connect("local")
}
