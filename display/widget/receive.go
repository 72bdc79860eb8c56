package widget

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

// receive takes what a front end says of the widget.
func (m *model) receive(d *wire.Delivery, p wire.Packet) {
	if p.Kind == wire.Close {
		m.forget()
		return
	}
	var data struct {
		Method  string                     `json:"method"`
		State   map[string]json.RawMessage `json:"state"`
		Content json.RawMessage            `json:"content"`
	}
	if json.Unmarshal(p.Data, &data) != nil {
		return // no message of this protocol
	}
	switch data.Method {
	case "update":
		m.apply(d, data.State)
	case "request_state":
		_ = d.Answer(m.port, update("update", m.snapshot())) // closed meanwhile
	case "custom":
		if m.said != nil {
			m.said(d, data.Content)
		}
	}
}

// apply takes a state over as far as it is valid, tells all front ends, and the one that is wrong the right one.
func (m *model) apply(d *wire.Delivery, said map[string]json.RawMessage) {
	if m.take == nil {
		return
	}
	echo := state{}
	m.mu.Lock()
	for key, raw := range said {
		v, ok := m.take(key, raw)
		if !ok {
			if known, has := m.state[key]; has && changes(key) {
				echo[key] = known
			}
			continue
		}
		m.state[key], echo[key] = v, v
		delete(m.dirty, key)
	}
	wrong := state{}
	for key, v := range echo {
		if string(encode(v)) != compact(said[key]) {
			wrong[key] = v
		}
	}
	changed := slices.Clone(m.changed)
	m.mu.Unlock()
	if len(echo) == 0 {
		return
	}
	_ = d.Answer(m.port, update("echo_update", echo)) // closed meanwhile
	if len(wrong) > 0 {
		_ = d.Answer(m.port, update("update", wrong))
	}
	for _, f := range changed {
		f(d)
	}
}

// changes says whether a front end may change a part of the state at all.
func changes(key string) bool { return key == "value" || key == "index" }

// compact is JSON without spaces, to be compared.
func compact(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return string(encode(v))
}

// observe has f called in the name of the calling cell after a front end has changed the widget: once for the newest of several
// changes that wait.
func (m *model) observe(key any, f func()) {
	owner, err := wire.Current()
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed = append(m.changed, func(d *wire.Delivery) { d.Call(owner, key, f) })
}

func init() {
	wire.Listen(target+".control", nil, func(_ *wire.Delivery, port *wire.Port, _ wire.Packet) {
		port.Receive = func(d *wire.Delivery, p wire.Packet) {
			var data struct {
				Method string `json:"method"`
			}
			if p.Kind == wire.Msg && json.Unmarshal(p.Data, &data) == nil && data.Method == "request_states" {
				_ = d.Answer(port, states()) // closed meanwhile
			}
		}
	})
}

// states is the answer to a front end that has lost all: the state of every widget.
func states() wire.Packet {
	known.mu.Lock()
	models := slices.SortedFunc(maps.Values(known.models), func(a, b *model) int { return strings.Compare(a.id, b.id) })
	known.mu.Unlock()
	all, paths, buffers := map[string]any{}, [][]string{}, [][]byte{}
	for _, m := range models {
		plain, its, bytes := split(m.snapshot())
		all[m.id] = map[string]any{
			"model_name": plain["_model_name"], "model_module": plain["_model_module"],
			"model_module_version": plain["_model_module_version"], "state": plain,
		}
		for _, p := range its {
			paths = append(paths, append([]string{m.id}, p...))
		}
		buffers = append(buffers, bytes...)
	}
	return wire.Packet{
		Data: encode(map[string]any{"method": "update_states", "states": all, "buffer_paths": paths}), Buffers: buffers,
	}
}
