package interp

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// Option is something that %config shows and sets. It holds for the session.
type Option struct {
	Name    string
	Purpose string
	// Words are values that are offered where one is written; others may be allowed.
	Words []string
	// Path says that values are names of files.
	Path bool
	Get  func() string
	// Set takes effect at once; "default" takes back what was set.
	Set func(value string) error
}

// progressMode is how a running result is shown.
type progressMode struct{ mode atomic.Int32 }

// The modes. Auto goes by what the client can draw.
const (
	progressAuto int32 = iota
	progressLive       // partial results, updated in place
	progressLine       // a line on stderr, then the result
	progressOff        // the result alone
)

var progressNames = []string{"auto", "live", "line", "off"}

func (p *progressMode) is(mode int32) bool { return p.mode.Load() == mode }

// option is the mode as an option.
func (p *progressMode) option() Option {
	return Option{
		Name: "progress", Words: progressNames,
		Purpose: "how a running result is shown: live (updated in place), line (a line, then the result), off, or auto, by what the client draws",
		Get:     func() string { return progressNames[p.mode.Load()] },
		Set: func(value string) error {
			if value == "default" {
				value = progressNames[progressAuto]
			}
			i := slices.Index(progressNames, value)
			if i < 0 {
				return fmt.Errorf("%q is not %s", value, strings.Join(progressNames, ", "))
			}
			p.mode.Store(int32(i))
			return nil
		},
	}
}

// live says whether the cell's displays are updated in place.
func (r *run) live() bool {
	switch r.s.progress.mode.Load() {
	case progressAuto:
		return r.info.Live
	case progressLive:
		return true
	}
	return false
}

// options are all of the session, by name.
func (s *session) options() []Option {
	list := append(slices.Clone(s.hooks.Options), s.progress.option())
	slices.SortFunc(list, func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// config is %config.
func (l *language) config(r *run, line cell.Magic) error {
	name, value, set := setting(line.Args)
	options := l.s.options()
	if name == "" && !set {
		r.print("stdout", []byte(optionsTable(options)))
		return nil
	}
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		var names []string
		for _, o := range options {
			names = append(names, o.Name)
		}
		return fmt.Errorf("%%config: there is no option %q; there is %s", name, strings.Join(names, ", "))
	}
	o := options[i]
	if set {
		if value == "" {
			return fmt.Errorf("%%config %s: which value? default takes back what was set", name)
		}
		if err := o.Set(value); err != nil {
			return fmt.Errorf("%%config %s: %w", name, err)
		}
	}
	r.print("stdout", []byte(o.Name+" = "+o.Get()+"\n"))
	return nil
}

// setting takes "name = value", "name value" or "name" apart.
func setting(args string) (name, value string, set bool) {
	at := strings.IndexAny(args, "= \t")
	if at < 0 {
		return args, "", false
	}
	value = strings.TrimSpace(args[at:])
	value = strings.TrimSpace(strings.TrimPrefix(value, "="))
	return args[:at], strings.Trim(value, `"'`), true
}

func optionsTable(options []Option) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, o := range options {
		fmt.Fprintf(w, "%s\t%s\t%s\n", o.Name, o.Get(), o.Purpose)
	}
	_ = w.Flush()
	return b.String()
}

// completeConfig completes names of options and their values; typed is the line up to the cursor, which begins at start.
func (s *session) completeConfig(typed string, start, cursor int) *kernel.Completion {
	at := strings.LastIndexAny(typed, "= \t") + 1
	c := &kernel.Completion{Start: start + at, End: cursor}
	word := typed[at:]
	name, _, set := setting(strings.TrimLeft(typed[min(len("%config"), len(typed)):], " \t"))
	for _, o := range s.options() {
		switch {
		case !set && strings.HasPrefix(o.Name, word):
			c.Matches, c.Types, c.Signatures = append(c.Matches, o.Name), append(c.Types, "option"), append(c.Signatures, o.Purpose)
		case set && o.Name == name && o.Path:
			return completePath(word, start+at, cursor)
		case set && o.Name == name:
			for _, w := range append(slices.Clone(o.Words), "default") {
				if strings.HasPrefix(w, word) {
					c.Matches, c.Types, c.Signatures = append(c.Matches, w), append(c.Types, "value"), append(c.Signatures, "")
				}
			}
		}
	}
	return c
}
