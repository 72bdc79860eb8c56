// Command rivulet is a Jupyter kernel for Go with a streaming dataframe engine. This package only wires: the kernel
// to the session that runs the cells, and the session to the engine.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker (see the Makefile).
var version = ""

func main() {
	root := &cobra.Command{
		Use:           "rivulet",
		Short:         "A Jupyter kernel for Go with a streaming dataframe engine",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		installCommand(), uninstallCommand(), listCommand(), doctorCommand(), versionCommand(),
		kernelCommand(), sessionCommand(), workerCommand(), execCommand(),
	)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := root.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "rivulet: "+err.Error())
		os.Exit(1)
	}
}

// versionText is the linker's version, else the module's, as go install records it.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
