package zmtp

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/textproto"

	"github.com/go-zeromq/zmq4"
)

// Property names of the READY command.
const (
	propertyType     = "Socket-Type"
	propertyIdentity = "Identity"
)

// nullSecurity is the NULL mechanism. It differs from zmq4's in what it does to a peer's READY: the size is bounded
// before memory is taken, and a truncated property is an error (zmq4 v0.17.0 slices out of range).
type nullSecurity struct{}

var _ zmq4.Security = nullSecurity{}

func (nullSecurity) Type() zmq4.SecurityType { return zmq4.NullSecurity }

func (nullSecurity) Handshake(conn *zmq4.Conn, _ bool) error {
	properties, err := conn.Meta.MarshalZMTP()
	if err != nil {
		return fmt.Errorf("own properties: %w", err)
	}
	if err := conn.SendCmd(zmq4.CmdReady, properties); err != nil {
		return fmt.Errorf("send READY: %w", err)
	}
	flags, body, err := readFrame(conn, commandLimitBytes)
	if err != nil {
		return fmt.Errorf("receive READY: %w", err)
	}
	if flags&flagCommand == 0 {
		return fmt.Errorf("message instead of READY: %w", ErrProtocol)
	}
	name, rest, err := splitCommand(body)
	if err != nil {
		return err
	}
	if name != zmq4.CmdReady {
		return fmt.Errorf("command %q instead of READY: %w", name, ErrProtocol)
	}
	return readProperties(rest, conn.Peer.Meta)
}

func (nullSecurity) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (nullSecurity) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }

// readProperties parses *(name-length name value-length value); names are case-insensitive.
func readProperties(data []byte, into zmq4.Metadata) error {
	for len(data) > 0 {
		n := int(data[0])
		data = data[1:]
		if n == 0 || n+4 > len(data) {
			return fmt.Errorf("property name of READY: %w", ErrProtocol)
		}
		name := textproto.CanonicalMIMEHeaderKey(string(data[:n]))
		size := binary.BigEndian.Uint32(data[n:])
		data = data[n+4:]
		if uint64(size) > uint64(len(data)) {
			return fmt.Errorf("property %q of READY: %w", name, ErrProtocol)
		}
		into[name] = string(data[:size])
		data = data[size:]
	}
	return nil
}
