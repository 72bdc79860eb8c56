package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Settings are the go command's settings that decide where modules come from and where they are kept.
type Settings struct {
	Proxy    string // GOPROXY: URLs, off or direct, separated by , (go on where it isn't found) or | (go on after any error)
	NoProxy  string // GONOPROXY, else GOPRIVATE: patterns of module paths that no proxy is asked for
	SumDB    string // GOSUMDB: off, a name, or a key and maybe a URL
	SumKeys  map[string]string
	NoSumDB  string   // GONOSUMDB, else GOPRIVATE: patterns of module paths that the checksum database isn't asked for
	ModCache string   // GOMODCACHE
	SumDir   string   // where the go command keeps the newest signed tree of each checksum database
	Spare    string   // a directory of the user's cache for both, where those can't be written
	Tags     []string // build tags of GOFLAGS
	Writable bool     // -modcacherw of GOFLAGS: leave the directories of the cache writable
	Netrc    string   // a file with the passwords of proxies; empty: none
}

// ReadSettings reads them as the go command does: each from the environment, else from the file of go env -w, else from
// what the installed or the building Go release sets.
func ReadSettings() (Settings, error) {
	get, keys := environment()
	s := Settings{
		Proxy:   get("GOPROXY"),
		NoProxy: get("GONOPROXY"),
		SumDB:   get("GOSUMDB"),
		SumKeys: keys,
		NoSumDB: get("GONOSUMDB"),
	}
	if s.NoProxy == "" {
		s.NoProxy = get("GOPRIVATE")
	}
	if s.NoSumDB == "" {
		s.NoSumDB = get("GOPRIVATE")
	}
	s.readFlags(get("GOFLAGS"))
	if get("GOAUTH") != "off" {
		s.Netrc = netrcFile()
	}

	if dir, err := os.UserCacheDir(); err == nil {
		s.Spare = filepath.Join(dir, "rivulet", "pkg")
	}
	goPath := firstPath(get("GOPATH"))
	if goPath == "" {
		if home, err := os.UserHomeDir(); err == nil {
			goPath = filepath.Join(home, "go")
		}
	}
	if goPath != "" {
		s.ModCache = filepath.Join(goPath, "pkg", "mod")
		s.SumDir = filepath.Join(goPath, "pkg", "sumdb")
	}
	if dir := get("GOMODCACHE"); dir != "" {
		if !filepath.IsAbs(dir) {
			return s, fmt.Errorf("GOMODCACHE: %s is not an absolute path", dir)
		}
		s.ModCache = dir
	}
	if s.ModCache == "" && s.Spare == "" {
		return s, errors.New("module cache: no home directory; set GOMODCACHE")
	}
	return s, nil
}

// readFlags takes from GOFLAGS what applies here. -mod doesn't: it says what may be done to a go.mod of the user's, and
// there is none.
func (s *Settings) readFlags(flags string) {
	for flag := range strings.FieldsSeq(flags) {
		name, value, _ := strings.Cut("-"+strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "-modcacherw":
			s.Writable = value != "false" && value != "0"
		case "-tags":
			s.Tags = strings.FieldsFunc(strings.Trim(value, `"'`), func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
}

// environment is how the go command looks up a setting, and the keys of the checksum databases that go by a name alone.
func environment() (get func(string) string, keys map[string]string) {
	user := map[string]string{}
	if file := os.Getenv("GOENV"); file != "off" {
		if file == "" {
			if dir, err := os.UserConfigDir(); err == nil {
				file = filepath.Join(dir, "go", "env")
			}
		}
		user = readEnv(file)
	}
	root := os.Getenv("GOROOT")
	if root == "" {
		root = user["GOROOT"]
	}
	installed := installedRelease(root)
	built := builtRelease()
	keys = map[string]string{}
	for _, release := range []release{built, installed} {
		if name, _, found := strings.Cut(release.sumKey, "+"); found {
			keys[name] = release.sumKey
		}
	}
	return func(name string) string {
		for _, value := range []string{os.Getenv(name), user[name], installed.env[name], built.env[name]} {
			if value != "" {
				return value
			}
		}
		return ""
	}, keys
}

// readEnv reads a file of NAME=value lines; one that isn't there has none.
func readEnv(file string) map[string]string {
	values := map[string]string{}
	text, err := os.ReadFile(file)
	if err != nil {
		return values
	}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if found && name != "" && name[0] >= 'A' && name[0] <= 'Z' {
			values[name] = value
		}
	}
	return values
}

func firstPath(list string) string {
	for _, path := range filepath.SplitList(list) {
		if filepath.IsAbs(path) {
			return path
		}
	}
	return ""
}

func netrcFile() string {
	if file := os.Getenv("NETRC"); file != "" {
		return file
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "_netrc")
	}
	return filepath.Join(home, ".netrc")
}
