package main

import (
	"fmt"
	"os"

	"github.com/rivulet-go/rivulet/interp/packages/generator"
)

func main() {
	parts := map[string]func() (generator.Files, error){"std": generator.Std, "own": generator.Own}
	if len(os.Args) != 2 || parts[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: run std|own")
		os.Exit(2)
	}
	files, err := parts[os.Args[1]]()
	if err == nil {
		err = generator.Write(".", files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
