package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
)

type answer struct {
	Out   string `json:"out"`
	Error string `json:"error,omitempty"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "raw:", err)
		os.Exit(1)
	}
}

func serve(r io.Reader, w io.Writer) error {
	var out strings.Builder
	i := interp.New(interp.Options{Stdout: &out, Stderr: &out})
	if err := i.Use(stdlib.Symbols); err != nil {
		return err
	}
	in, answers := json.NewDecoder(r), json.NewEncoder(w)
	for {
		var source string
		if err := in.Decode(&source); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		out.Reset()
		var a answer
		if _, err := i.Eval(source); err != nil {
			a.Error = err.Error()
		}
		a.Out = out.String()
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}
