package kernel

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Connection is a connection file: where the five sockets listen and how messages are signed.
type Connection struct {
	Transport       string `json:"transport"` // tcp or ipc
	IP              string `json:"ip"`        // with ipc, the prefix of the socket paths
	Key             string `json:"key"`       // empty: messages are not signed
	SignatureScheme string `json:"signature_scheme"`
	ShellPort       int    `json:"shell_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	ControlPort     int    `json:"control_port"`
	HeartbeatPort   int    `json:"hb_port"`
}

// ReadConnection reads and checks a connection file. Errors name the file and the field.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	if path == "" {
		return c, fmt.Errorf("connection file: no path given")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("connection file: %w", err)
	}
	if err := c.decode(data); err != nil {
		return c, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

func (c *Connection) decode(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	c.Transport, c.SignatureScheme = "tcp", "hmac-sha256"
	ports := map[int]string{}
	for _, f := range []struct {
		name     string
		into     any
		optional bool
	}{
		{"transport", &c.Transport, true},
		{"ip", &c.IP, false},
		{"key", &c.Key, false},
		{"signature_scheme", &c.SignatureScheme, true},
		{"shell_port", &c.ShellPort, false},
		{"iopub_port", &c.IOPubPort, false},
		{"stdin_port", &c.StdinPort, false},
		{"control_port", &c.ControlPort, false},
		{"hb_port", &c.HeartbeatPort, false},
	} {
		raw, ok := fields[f.name]
		switch {
		case !ok && f.optional:
			continue
		case !ok:
			return fmt.Errorf("%s: missing", f.name)
		}
		if err := json.Unmarshal(raw, f.into); err != nil || string(raw) == "null" {
			return fmt.Errorf("%s: %s does not fit", f.name, raw)
		}
		if port, ok := f.into.(*int); ok {
			if *port < 1 || *port > 65535 {
				return fmt.Errorf("%s: %d is not between 1 and 65535", f.name, *port)
			}
			if other := ports[*port]; other != "" {
				return fmt.Errorf("%s: %d is also %s", f.name, *port, other)
			}
			ports[*port] = f.name
		}
	}
	return c.check()
}

func (c *Connection) check() error {
	switch {
	case c.Transport != "tcp" && c.Transport != "ipc":
		return fmt.Errorf("transport: %q is neither tcp nor ipc", c.Transport)
	case c.IP == "":
		return fmt.Errorf("ip: empty")
	case c.Key != "" && c.SignatureScheme != "hmac-sha256":
		return fmt.Errorf("signature_scheme: %q is not hmac-sha256", c.SignatureScheme)
	}
	return nil
}

func (c *Connection) endpoint(port int) string {
	if c.Transport == "ipc" {
		return "ipc://" + c.IP + "-" + strconv.Itoa(port)
	}
	return "tcp://" + net.JoinHostPort(c.IP, strconv.Itoa(port))
}
