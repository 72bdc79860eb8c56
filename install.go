package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/rivulet-go/rivulet/distrib/ray"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/kernelspec"
)

// targetFlags adds the flags that say where a kernelspec lives; --user is the default.
func targetFlags(c *cobra.Command) (target *kernelspec.Target, name *string) {
	target, name = &kernelspec.Target{}, new(string)
	flags := c.Flags()
	flags.Bool("user", false, "the user's own data directory (the default)")
	flags.BoolVar(&target.SysPrefix, "sys-prefix", false, "the active Python environment")
	flags.StringVar(&target.Prefix, "prefix", "", "the environment at `DIR` (its share/jupyter/kernels)")
	flags.StringVar(name, "name", kernelspec.DefaultName, "the kernel's `NAME`")
	c.MarkFlagsMutuallyExclusive("user", "sys-prefix", "prefix")
	return target, name
}

func installCommand() *cobra.Command {
	c := &cobra.Command{Use: "install", Short: "Make Jupyter find this binary as a kernel", Args: cobra.NoArgs}
	target, name := targetFlags(c)
	save := c.Flags().Bool("save-widgets", true, "have JupyterLab save the state of widgets with notebooks, of all its kernels, so that they show when opened again")
	shown := c.Flags().String("display-name", "", "the `TEXT` that front ends show (\"Go (Rivulet)\", or \"Go (NAME)\" with --name)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		executable, err := os.Executable()
		if err != nil {
			return err
		}
		if executable, err = filepath.EvalSymlinks(executable); err != nil {
			return err
		}
		spec := kernelspec.New(executable)
		if spec.DisplayName = *shown; *shown == "" {
			spec.DisplayName = kernelspec.DisplayName(*name)
		}
		dir, err := kernelspec.Install(c.Context(), *target, *name, spec)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "installed kernel %q in %s\nit runs %s\n", *name, dir, executable)
		if !*save {
			return kernelspec.ForgetWidgets(c.Context(), *target, *name)
		}
		settings, err := kernelspec.SaveWidgets(c.Context(), *target, *name)
		if err != nil {
			return fmt.Errorf("%w (--save-widgets=false leaves it out)", err)
		}
		fmt.Fprintf(c.OutOrStdout(), "JupyterLab saves the state of widgets, by %s\n", settings)
		return nil
	}
	return c
}

func uninstallCommand() *cobra.Command {
	c := &cobra.Command{Use: "uninstall", Short: "Remove the kernel from Jupyter", Args: cobra.NoArgs}
	target, name := targetFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		dir, err := kernelspec.Uninstall(c.Context(), *target, *name)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), "removed "+dir)
		return kernelspec.ForgetWidgets(c.Context(), *target, *name)
	}
	return c
}

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the kernels of Rivulet's that Jupyter finds", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			found := kernelspec.List(c.Context())
			if len(found) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "none; rivulet install makes one")
			}
			for _, k := range found {
				fmt.Fprintf(c.OutOrStdout(), "%-12s %-16s in %s, runs %s\n", k.Name, k.DisplayName, k.Dir, k.Executable)
			}
			return nil
		},
	}
}

func doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "doctor [ADDRESS]", Short: "Check the installation, and a Ray cluster", Args: cobra.MaximumNArgs(1),
		Long: "Check the installation, and the Ray cluster at ADDRESS (as frame.Connect takes it) or else at " + engineEnv + ", where there is one.",
	}
	name := c.Flags().String("name", kernelspec.DefaultName, "the kernel's `NAME`")
	c.RunE = func(c *cobra.Command, args []string) error {
		facts := kernelspec.Facts{Name: *name, Version: versionText(), SpillDir: memory.SpillDir()}
		if text := os.Getenv(memory.BudgetEnv); text != "" {
			_, facts.BudgetError = memory.ParseSize(text)
		}
		facts.BudgetBytes = memory.Default().Total()
		address := os.Getenv(engineEnv)
		if len(args) > 0 {
			address = args[0]
		}
		if address != "" && address != "local" {
			for _, f := range ray.Diagnose(c.Context(), address) {
				facts.More = append(facts.More, kernelspec.Finding(f))
			}
		}
		return kernelspec.Check(c.Context(), c.OutOrStdout(), facts)
	}
	return c
}

func versionCommand() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs}
	short := c.Flags().Bool("short", false, "only the version")
	c.Run = func(c *cobra.Command, _ []string) {
		if *short {
			fmt.Fprintln(c.OutOrStdout(), versionText())
			return
		}
		fmt.Fprintf(c.OutOrStdout(), "rivulet %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	return c
}
