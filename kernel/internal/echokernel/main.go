package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

type toy struct{}

func (toy) Execute(ctx context.Context, code string, c kernel.Cell) error {
	for line := range strings.Lines(code) {
		command, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := run(ctx, c, command, argument); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) kernel.Bundle { return kernel.Bundle{Data: map[string]any{"text/plain": s}} }

func run(ctx context.Context, c kernel.Cell, command, argument string) error {
	first, rest, _ := strings.Cut(argument, " ")
	switch command {
	case "":
		return nil
	case "print":
		return c.Stream("stdout", argument+"\n")
	case "printn":
		n, err := strconv.Atoi(argument)
		for i := range n {
			_ = c.Stream("stdout", fmt.Sprintf("line %d\n", i))
		}
		return err
	case "eprint":
		return c.Stream("stderr", argument+"\n")
	case "result":
		return c.Result("", text(argument))
	case "show":
		return c.Show(first, text(rest))
	case "update":
		return c.Update(first, text(rest))
	case "clear":
		return c.Clear(false)
	case "input":
		answer, err := c.Input(ctx, argument, false)
		if err != nil {
			return err
		}
		return c.Stream("stdout", "got "+answer+"\n")
	case "sleep":
		d, err := time.ParseDuration(argument)
		if err != nil {
			return err
		}
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return &kernel.CellError{Name: "interrupted", Value: context.Cause(ctx).Error()}
		}
	case "panic":
		panic(argument)
	case "error", "lost":
		return &kernel.CellError{Name: "error", Value: argument, Lost: command == "lost"}
	}
	return &kernel.CellError{Name: "compile error", Value: "unknown command " + command}
}

func (toy) Complete(_ context.Context, code string, cursor int) (kernel.Completion, error) {
	start := strings.LastIndexAny(code[:cursor], " \n") + 1
	c := kernel.Completion{Start: start, End: cursor}
	for _, m := range []string{"print", "printn", "result", "show"} {
		if strings.HasPrefix(m, code[start:cursor]) {
			c.Matches, c.Types = append(c.Matches, m), append(c.Types, "function")
		}
	}
	return c, nil
}

func (toy) Inspect(_ context.Context, code string, cursor, _ int) (kernel.Bundle, error) {
	if code == "" {
		return kernel.Bundle{}, nil
	}
	return text(fmt.Sprintf("%q at byte %d", code, cursor)), nil
}

func (toy) IsComplete(code string) (status, indent string) {
	switch {
	case strings.HasSuffix(code, "{"):
		return "incomplete", "\t"
	case strings.HasPrefix(code, "?"):
		return "invalid", ""
	}
	return "complete", ""
}

func (toy) Restart(context.Context) error { return nil }

// Comm accepts every comm, and says back what comes.
func (toy) Comm(_ context.Context, m kernel.CommMessage, answer func(kernel.CommMessage) error) error {
	if m.Kind == "comm_msg" {
		return answer(m)
	}
	return nil
}

func (toy) Interrupt() {}

func (toy) Close() error { return nil }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: echokernel CONNECTION-FILE")
		os.Exit(2)
	}
	if err := kernel.Run(context.Background(), os.Args[1], toy{}, kernel.Options{Version: "0"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
