package module

import (
	"fmt"
	"path/filepath"
	"strings"

	gomod "golang.org/x/mod/module"
)

// Query is what a %get line asks for: all of it, or nothing.
type Query struct {
	Requests []Request
}

// Request asks for one module or package.
type Request struct {
	Path    string // of a module or of a package in one; empty if Dir alone is given
	Version string // a version, a prefix of one (v1.2), a bound (<v2), latest, none, a branch or a commit; empty: the newest
	Dir     string // a local directory in place of what Path names, as it was written
}

// String is the request as %get takes it.
func (r Request) String() string {
	dir := r.Dir
	if strings.ContainsAny(dir, " \t\"") {
		dir = `"` + dir + `"`
	}
	switch {
	case r.Dir != "" && r.Path != "":
		return r.Path + " => " + dir
	case r.Dir != "":
		return dir
	case r.Version != "":
		return r.Path + "@" + r.Version
	}
	return r.Path
}

// ParseGet parses a line such as
//
//	%get github.com/google/uuid@v1.6.0 gonum.org/v1/gonum/stat
//	%get example.com/mine => ../mine
//	%get "../a dir"
//
// with or without %get itself. What follows // is a comment. A directory begins with a dot, a tilde, or is absolute.
func ParseGet(line string) (Query, error) {
	words, err := getWords(line)
	if err != nil {
		return Query{}, err
	}
	if len(words) > 0 && words[0] == "%get" {
		words = words[1:]
	}
	if len(words) == 0 {
		return Query{}, fmt.Errorf("%%get: nothing to get; write %%get module, %%get module@version or %%get module => directory")
	}
	var q Query
	for len(words) > 0 {
		if words[0] == "=>" {
			return Query{}, fmt.Errorf("%%get: no module path before =>")
		}
		r, err := parseRequest(words[0])
		if err != nil {
			return Query{}, err
		}
		words = words[1:]
		if len(words) > 0 && words[0] == "=>" {
			if len(words) < 2 || !isDir(words[1]) {
				return Query{}, fmt.Errorf("%%get %s =>: a local directory must follow, such as ../%s", r.Path, filepath.Base(r.Path))
			}
			if r.Dir != "" || r.Version != "" {
				return Query{}, fmt.Errorf("%%get: before => there must be a module path without a version")
			}
			r.Dir = words[1]
			words = words[2:]
		}
		q.Requests = append(q.Requests, r)
	}
	return q, nil
}

func parseRequest(word string) (Request, error) {
	if isDir(word) {
		return Request{Dir: word}, nil
	}
	path, version, found := strings.Cut(word, "@")
	if found && version == "" {
		return Request{}, fmt.Errorf("%%get %s: no version after @", word)
	}
	if _, rest, found := strings.Cut(path, "://"); found {
		return Request{}, fmt.Errorf("%%get %s: a module path has no scheme; did you mean %s?", word, strings.TrimSuffix(strings.Trim(rest, "/"), ".git"))
	}
	if strings.Contains(path, "...") {
		return Request{}, fmt.Errorf("%%get %s: name one module or package: patterns with ... can't be got", word)
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return Request{}, fmt.Errorf("%%get %s: its first element has no dot, so no proxy has it; the standard library needs no %%get, a local directory is written ./%s", word, path)
	}
	if err := gomod.CheckImportPath(path); err != nil {
		return Request{}, fmt.Errorf("%%get %s: %w", word, err)
	}
	return Request{Path: path, Version: version}, nil
}

// isDir reports whether a word is written as a directory rather than as a module path.
func isDir(word string) bool {
	return word == "." || word == ".." || word == "~" || filepath.IsAbs(word) || strings.HasPrefix(word, "/") ||
		strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") || strings.HasPrefix(word, "~/") ||
		strings.HasPrefix(word, `.\`) || strings.HasPrefix(word, `..\`)
}

// getWords splits at blanks, keeps what is in double quotes together, and ends at a comment.
func getWords(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		if line == "" || strings.HasPrefix(line, "//") {
			return words, nil
		}
		if line[0] == '"' {
			end := strings.IndexByte(line[1:], '"')
			if end < 0 {
				return nil, fmt.Errorf("%%get: no closing quote after %s", line)
			}
			if end == 0 {
				return nil, fmt.Errorf("%%get: an empty path")
			}
			words = append(words, line[1:1+end])
			line = line[2+end:]
			continue
		}
		end := strings.IndexAny(line, " \t\r\n\"")
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
}
