package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
	"github.com/rivulet-go/rivulet/interp"
	runfile "github.com/rivulet-go/rivulet/interp/exec"
	"github.com/rivulet-go/rivulet/kernel"
)

// kernelCommand is what Jupyter starts: the sockets here, the cells in a child.
func kernelCommand() *cobra.Command {
	c := &cobra.Command{Use: "kernel", Short: "Serve a Jupyter client (started by Jupyter)", Args: cobra.NoArgs}
	file := c.Flags().String("connection-file", "", "the connection `FILE` that Jupyter wrote")
	_ = c.MarkFlagRequired("connection-file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
		session, err := interp.NewSession(interp.Options{
			Logf: func(format string, args ...any) { log.Warn(fmt.Sprintf(format, args...)) },
		})
		if err != nil {
			return err
		}
		return kernel.Run(c.Context(), *file, session, kernel.Options{
			Version: versionText(),
			Banner:  "Rivulet " + versionText() + ": Go, with dataframes that stream",
			Logger:  log,
			History: historyFile(),
		})
	}
	return c
}

// historyFile is where executed cells are kept: RIVULET_HISTORY, "off" for nowhere, or a file among what programs remember of a user.
func historyFile() string {
	if path := os.Getenv("RIVULET_HISTORY"); path != "" {
		if path == "off" {
			return ""
		}
		return path
	}
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "rivulet", "history.jsonl")
}

// execCommand runs a file without a front end.
func execCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec FILE",
		Short: "Run a notebook, a Go program, or a Go file with // %% cells, and print what it shows",
		Args:  cobra.ExactArgs(1),
	}
	events := c.Flags().String("events", "", "also write every output with its time to `FILE`, as lines of JSON")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
		defer stop()
		var options interp.Options
		if filepath.Ext(args[0]) == ".ipynb" {
			// As Jupyter does: a notebook's paths are relative to its folder.
			options.Dir = filepath.Dir(args[0])
		}
		session, err := interp.NewSession(options)
		if err != nil {
			return err
		}
		defer session.Close()
		return runfile.Run(ctx, session, args[0], c.OutOrStdout(), c.ErrOrStderr(), runfile.Options{Events: *events, Input: os.Stdin})
	}
	return c
}

// sessionCommand is the child of kernel and exec: the interpreter and the engine.
func sessionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "session", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			source.SetAllocator(memory.Allocator())
			env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default()}
			e := newEngines(env)
			defer e.close()
			e.start()
			return interp.Serve(c.Context(), sessionHooks(e))
		},
	}
}

// sessionHooks connect cells with the packages that they use.
func sessionHooks(e *engines) interp.Hooks {
	return interp.Hooks{
		Context: func(current func() context.Context) {
			frame.SetContext(current)
			display.SetContext(current)
		},
		Surface: display.SetSurface,
		Value:   display.Value,
		Watch:   watch,
		Options: e.options(),
	}
}

// watch draws what arrives while it is computed.
func watch(ctx context.Context, s display.Surface, id string, result func(string, display.Bundle) error, v any) (bool, error) {
	if s.Live() {
		// JupyterLab updates a display_data by its id, never an execute_result.
		result = nil
	}
	return display.Running(ctx, s, id, result, v)
}
