package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
)

type object = map[string]any

func (k *kernel) kernelInfo(context.Context, *request) (any, error) {
	banner := k.options.Banner
	if banner == "" {
		banner = "Rivulet " + k.options.Version + ": Go (" + runtime.Version() + ") in Jupyter"
	}
	links := k.options.HelpLinks
	if links == nil {
		links = []HelpLink{
			{"Go language specification", "https://go.dev/ref/spec"},
			{"Go standard library", "https://pkg.go.dev/std"},
		}
	}
	return object{
		"status":                 "ok",
		"protocol_version":       ProtocolVersion,
		"implementation":         "rivulet",
		"implementation_version": k.options.Version,
		"language_info": object{
			"name":            "go",
			"version":         strings.TrimPrefix(runtime.Version(), "go"),
			"mimetype":        "text/x-go",
			"file_extension":  ".go",
			"pygments_lexer":  "go",
			"codemirror_mode": "go",
		},
		"banner":             banner,
		"debugger":           false,
		"help_links":         links,
		"supported_features": []string{"kernel subshells"},
	}, nil
}

func (k *kernel) connectInfo(context.Context, *request) (any, error) {
	c := k.connection
	return object{
		"status":       "ok",
		"shell_port":   c.ShellPort,
		"iopub_port":   c.IOPubPort,
		"stdin_port":   c.StdinPort,
		"control_port": c.ControlPort,
		"hb_port":      c.HeartbeatPort,
	}, nil
}

// cursorContent is the content of complete_request and inspect_request.
type cursorContent struct {
	Code        string `json:"code"`
	CursorPos   *int   `json:"cursor_pos"` // code points; missing means the end
	DetailLevel int    `json:"detail_level"`
}

func parseCursor(r *request) (c cursorContent, offset int, err error) {
	if err := json.Unmarshal(r.content, &c); err != nil {
		return c, 0, &CellError{Name: "bad request", Value: err.Error()}
	}
	if c.CursorPos == nil {
		return c, len(c.Code), nil
	}
	return c, byteOffset(c.Code, *c.CursorPos), nil
}

func (k *kernel) complete(ctx context.Context, r *request) (any, error) {
	content, offset, err := parseCursor(r)
	if err != nil {
		return nil, err
	}
	found, err := k.in.Complete(ctx, content.Code, offset)
	if err != nil {
		return nil, err
	}
	start, end := codePoints(content.Code, found.Start), codePoints(content.Code, found.End)
	if len(found.Matches) == 0 {
		start, end = codePoints(content.Code, offset), codePoints(content.Code, offset)
	}
	matches, types := []string{}, []object{}
	for i, m := range found.Matches {
		matches = append(matches, m)
		if i < len(found.Types) {
			item := object{"start": start, "end": end, "text": m, "type": found.Types[i]}
			if i < len(found.Signatures) && found.Signatures[i] != "" {
				item["signature"] = found.Signatures[i]
			}
			types = append(types, item)
		}
	}
	return object{
		"status":       "ok",
		"matches":      matches,
		"cursor_start": start,
		"cursor_end":   end,
		"metadata":     object{"_jupyter_types_experimental": types},
	}, nil
}

func (k *kernel) inspect(ctx context.Context, r *request) (any, error) {
	content, offset, err := parseCursor(r)
	if err != nil {
		return nil, err
	}
	b, err := k.in.Inspect(ctx, content.Code, offset, content.DetailLevel)
	if err != nil {
		return nil, err
	}
	d := newDisplay("", b)
	return object{"status": "ok", "found": len(b.Data) > 0, "data": d.Data, "metadata": d.Metadata}, nil
}

func (k *kernel) isComplete(_ context.Context, r *request) (any, error) {
	var content struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(r.content, &content); err != nil {
		return nil, &CellError{Name: "bad request", Value: err.Error()}
	}
	state, indent := k.in.IsComplete(content.Code)
	switch state {
	case "incomplete":
		return object{"status": state, "indent": indent}, nil
	case "complete", "invalid", "unknown":
		return object{"status": state}, nil
	}
	return nil, fmt.Errorf("is_complete: the interpreter answered %q", state)
}

func (k *kernel) interruptRequest(context.Context, *request) (any, error) {
	k.interruptCell()
	return object{"status": "ok"}, nil
}
