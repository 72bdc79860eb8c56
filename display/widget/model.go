package widget

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/display/internal/wire"
)

const (
	target          = "jupyter.widget"
	protocolVersion = "2.1.0"
	viewMIME        = "application/vnd.jupyter.widget-view+json"
)

// Widget is anything of this package that can be shown.
type Widget interface {
	// ID is the id of the widget's model and comm.
	ID() string
	// Close removes the widget from the front ends. It keeps its last state in Go.
	Close()
	core() *model
}

// state is what front ends know of a widget, by the protocol's names. Values that are bytes travel as buffers.
type state map[string]any

// model is a widget as both sides know it.
type model struct {
	id   string
	port *wire.Port // nil without a cell
	look func(s state) (text, html string)
	take func(key string, raw json.RawMessage) (v any, ok bool) // validates what a front end says; nil takes nothing
	said func(d *wire.Delivery, content json.RawMessage)        // takes custom messages; nil drops them

	sending sync.Mutex // orders updates

	mu      sync.Mutex
	state   state
	dirty   map[string]struct{}
	queued  bool // for flush
	closed  bool
	changed []func(d *wire.Delivery) // after a front end has changed it
}

// kind is the model and view of a widget in the front end's modules.
type kind struct{ module, version, model, view string }

func controls(name string) kind {
	return kind{"@jupyter-widgets/controls", "2.0.0", name + "Model", name + "View"}
}

// open makes a model, and its comm where a cell makes it.
func (m *model) open(k kind, s state) {
	m.id, m.dirty = wire.NewID(), map[string]struct{}{}
	m.state = state{
		"_model_module": k.module, "_model_module_version": k.version, "_model_name": k.model,
		"_view_module": k.module, "_view_module_version": k.version, "_view_name": k.view,
		"_dom_classes": []string{}, "_view_count": nil, "layout": nil, "tabbable": nil, "tooltip": nil,
	}
	maps.Copy(m.state, s)
	owner, err := wire.Current()
	if err != nil {
		return // a widget that nobody can see
	}
	data, paths, buffers := split(m.state)
	p := wire.Packet{
		Data:     encode(map[string]any{"state": data, "buffer_paths": paths}),
		Metadata: map[string]any{"version": protocolVersion}, Buffers: buffers,
	}
	known.mu.Lock()
	known.models[m.id] = m
	known.mu.Unlock()
	// A pipe that broke, or an image that is too large: the widget is then one that nobody sees.
	m.port, _ = wire.Dial(owner, m.id, target, p, m.receive)
}

// known are the open models, which a front end asks for after a page has been loaded again.
var known = struct {
	mu     sync.Mutex
	models map[string]*model
}{models: map[string]*model{}}

// split takes the bytes out of a state.
func split(s state) (plain state, paths [][]string, buffers [][]byte) {
	plain, paths = state{}, [][]string{}
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if b, ok := s[key].([]byte); ok {
			paths, buffers = append(paths, []string{key}), append(buffers, b)
			continue
		}
		plain[key] = s[key]
	}
	return plain, paths, buffers
}

// encode is JSON of what this package makes; data that users give is checked before.
func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func update(method string, s state) wire.Packet {
	data, paths, buffers := split(s)
	return wire.Packet{Data: encode(map[string]any{"method": method, "state": data, "buffer_paths": paths}), Buffers: buffers}
}

// snapshot is a copy of the state; its values are never changed in place.
func (m *model) snapshot() state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.state)
}

func (m *model) get(key string) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state[key]
}

// set changes the state from Go; front ends hear of it soon.
func (m *model) set(key string, v any) {
	m.mu.Lock()
	m.state[key] = v
	m.dirty[key] = struct{}{}
	m.mu.Unlock()
	touch(m)
}

// send sends what has changed since the last time.
func (m *model) send() {
	m.sending.Lock()
	defer m.sending.Unlock()
	m.mu.Lock()
	changed := state{}
	for key := range m.dirty {
		changed[key] = m.state[key]
	}
	clear(m.dirty)
	m.queued = false
	m.mu.Unlock()
	if m.port != nil && len(changed) > 0 {
		_ = m.port.Send(update("update", changed)) // closed meanwhile
	}
}

// ID is the id of the widget's model and comm.
func (m *model) ID() string { return m.id }

// Close removes the widget from the front ends. It keeps its last state in Go.
func (m *model) Close() {
	m.forget()
	if m.port != nil {
		_ = m.port.Close(nil) // without a pipe there is nobody to tell
	}
}

func (m *model) forget() {
	known.mu.Lock()
	delete(known.models, m.id)
	known.mu.Unlock()
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
}

func (m *model) core() *model { return m }

// String describes the widget with its value.
func (m *model) String() string {
	text, _ := m.look(m.snapshot())
	return text
}

// MIMEBundle is the view of the widget, and what stands for it where front ends have no widgets.
func (m *model) MIMEBundle() display.Bundle {
	text, html := m.look(m.snapshot())
	data := map[string]any{"text/plain": text, "text/html": html}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.port != nil && !m.closed {
		data[viewMIME] = map[string]any{"version_major": 2, "version_minor": 0, "model_id": m.id}
	}
	return display.Bundle{Data: data}
}
