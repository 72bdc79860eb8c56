package kernel

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadConnectionFile(t *testing.T) {
	for _, test := range []struct {
		field string
		value any // nil removes it
		want  string
	}{
		{"shell_port", nil, "shell_port: missing"},
		{"hb_port", "x", `hb_port: "x" does not fit`},
		{"iopub_port", 0, "iopub_port: 0 is not between"},
		{"stdin_port", 70000, "stdin_port: 70000 is not between"},
		{"control_port", 1.5, "control_port: 1.5 does not fit"},
		{"key", nil, "key: missing"},
		{"ip", nil, "ip: missing"},
		{"ip", "", "ip: empty"},
		{"transport", "udp", `transport: "udp" is neither`},
		{"signature_scheme", "hmac-md5", `signature_scheme: "hmac-md5"`},
	} {
		file, _ := writeConnection(t, "tcp", map[string]any{test.field: test.value})
		in := &fake{}
		err := Run(context.Background(), file, in, Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s=%v: %v", test.field, test.value, err)
		}
		if in.closed != 1 {
			t.Errorf("%s: interpreter closed %d times", test.field, in.closed)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	file, _ := writeConnection(t, "tcp", map[string]any{"shell_port": taken})
	if err := Run(context.Background(), file, &fake{}, Options{}); err == nil || !strings.Contains(err.Error(), "shell_port: ") {
		t.Errorf("port in use: %v", err)
	}
	file, _ = writeConnection(t, "tcp", map[string]any{"shell_port": taken, "hb_port": taken})
	if _, err := ReadConnection(file); err == nil || !strings.Contains(err.Error(), "is also shell_port") {
		t.Errorf("one port twice: %v", err)
	}
	for name, text := range map[string]string{"empty": "", "list": "[]", "cut": `{"ip": "127`} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{"", "/nowhere/kernel.json"} {
		if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", path, err)
		}
	}
}
