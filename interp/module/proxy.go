package module

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	gomod "golang.org/x/mod/module"
)

// proxy is an entry of GOPROXY.
type proxy struct {
	base     *url.URL // nil for off and direct
	word     string   // off or direct
	fallBack bool     // go on to the next after any error, not only where it isn't found
}

// parseProxies parses GOPROXY. Nothing after off or direct counts.
func parseProxies(list string) ([]proxy, error) {
	var proxies []proxy
	for list != "" {
		entry, rest := list, ""
		fallBack := false
		if i := strings.IndexAny(list, ",|"); i >= 0 {
			entry, rest, fallBack = list[:i], list[i+1:], list[i] == '|'
		}
		list = rest
		entry = strings.TrimSpace(entry)
		switch entry {
		case "":
			continue
		case "off", "direct":
			return append(proxies, proxy{word: entry}), nil
		}
		base, err := parseProxy(entry)
		if err != nil {
			return nil, err
		}
		proxies = append(proxies, proxy{base: base, fallBack: fallBack})
	}
	if len(proxies) == 0 {
		return nil, errors.New("GOPROXY: no module proxy is set; set GOPROXY to the URL of one")
	}
	return proxies, nil
}

func parseProxy(entry string) (*url.URL, error) {
	if strings.ContainsAny(entry, ".:/") && !strings.Contains(entry, ":/") && !filepath.IsAbs(entry) && !path.IsAbs(entry) {
		entry = "https://" + entry
	}
	base, err := url.Parse(entry)
	if err != nil {
		return nil, fmt.Errorf("GOPROXY: an entry is not a URL: %w", errors.Unwrap(err))
	}
	switch base.Scheme {
	case "http", "https":
	case "file":
		if *base != (url.URL{Scheme: base.Scheme, Path: base.Path, RawPath: base.RawPath}) {
			return nil, fmt.Errorf("GOPROXY: %s must be file:// and an absolute path", base.Redacted())
		}
	default:
		return nil, fmt.Errorf("GOPROXY: %s must begin with https://, http:// or file://", base.Redacted())
	}
	return base, nil
}

// tryProxies calls f with one proxy after the other until one has what it asks for, or fails where the list says not to
// go on. The error is the one that tells most: of a proxy that failed before of one that doesn't have it.
func (s *Store) tryProxies(module string, f func(base *url.URL) error) error {
	if gomod.MatchPrefixPatterns(s.settings.NoProxy, module) {
		return &Error{Path: module, Err: ErrDirect, Hint: "GONOPROXY or GOPRIVATE matches it: let the go command download it, or clone it and %get " + module + " => directory"}
	}
	var best error
	for _, p := range s.proxies {
		var err error
		switch p.word {
		case "off":
			err = ErrOff
		case "direct":
			err = ErrDirect
		default:
			err = f(p.base)
		}
		if err == nil {
			return nil
		}
		if best == nil || p.base != nil && missing(best) && !missing(err) {
			best = err
		}
		if p.base == nil || !missing(err) && !p.fallBack {
			break
		}
	}
	return best
}
