package kernel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

// ProtocolVersion is the version of the Jupyter messaging protocol that the kernel speaks. It accepts any 5.x: 5.3 and
// later differ only in optional fields.
const ProtocolVersion = "5.5"

var delimiter = []byte("<IDS|MSG>")

// header is a Jupyter message header.
type header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`

	SubshellID string `json:"subshell_id,omitempty"`
}

// request is a verified message from a front end.
type request struct {
	header
	raw      json.RawMessage // the header as it came: the parent_header of everything that answers it
	from     *zmtp.Peer
	envelope [][]byte // routing frames before the delimiter, returned with the reply
	parent   struct {
		MsgID string `json:"msg_id"`
	}
	metadata map[string]any
	content  json.RawMessage
	buffers  [][]byte
	arrival  uint64 // order on the shell socket
	shell    *shell // that it is for
	early    bool   // it is handled before the cells that were sent before it
}

// codec signs and verifies messages, and gives them headers.
type codec struct {
	signer  signer
	session string
	prefix  string // session and process: what msg_ids begin with
	count   atomic.Uint64
}

func newCodec(key string) *codec {
	session := uuid.NewString()
	return &codec{signer: newSigner(key), session: session, prefix: session + "_" + strconv.Itoa(os.Getpid()) + "_"}
}

// decode verifies frames and parses them.
func (c *codec) decode(from *zmtp.Peer, frames zmtp.Message) (*request, error) {
	at := -1
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			at = i
			break
		}
	}
	switch {
	case at < 0:
		return nil, fmt.Errorf("%d frames without delimiter: %w", len(frames), errMalformed)
	case len(frames)-at < 6:
		return nil, fmt.Errorf("%d frames after the delimiter, not 5: %w", len(frames)-at-1, errMalformed)
	}
	parts := frames[at+2 : at+6]
	if !c.signer.verify(frames[at+1], parts) {
		return nil, errSignature
	}
	r := &request{raw: json.RawMessage(parts[0]), from: from, envelope: frames[:at], buffers: frames[at+6:]}
	if err := decodeObject("header", parts[0], &r.header); err != nil {
		return nil, err
	}
	if r.MsgType == "" || r.MsgID == "" {
		return nil, fmt.Errorf("header without msg_id or msg_type: %w", errMalformed)
	}
	if major, _, _ := strings.Cut(r.Version, "."); major != "5" && r.Version != "" {
		return nil, fmt.Errorf("%s: protocol version %q is not 5.x: %w", r.MsgType, r.Version, errMalformed)
	}
	if err := decodeObject("parent_header", parts[1], &r.parent); err != nil {
		return nil, err
	}
	if err := decodeObject("metadata", parts[2], &r.metadata); err != nil {
		return nil, err
	}
	content := map[string]json.RawMessage{}
	if err := decodeObject("content", parts[3], &content); err != nil {
		return nil, err
	}
	r.content = json.RawMessage(parts[3])
	return r, nil
}

func decodeObject(name string, data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w: %w", name, errMalformed, err)
	}
	return nil
}

// outgoing is a message to send. A nil map is an empty object.
type outgoing struct {
	kind     string
	parent   json.RawMessage
	metadata map[string]any
	content  any
	buffers  [][]byte
}

var emptyObject = []byte("{}")

// encode builds the frames after the routing frames, and tells the msg_id.
func (c *codec) encode(m outgoing) (frames [][]byte, id string, err error) {
	id = c.prefix + strconv.FormatUint(c.count.Add(1), 10)
	head, err := marshal(header{
		MsgID:    id,
		Session:  c.session,
		Username: "kernel",
		Date:     timestamp(time.Now()),
		MsgType:  m.kind,
		Version:  ProtocolVersion,
	})
	if err != nil {
		return nil, "", err
	}
	parts := [][]byte{head, emptyObject, emptyObject, nil}
	if len(m.parent) > 0 {
		parts[1] = m.parent
	}
	if len(m.metadata) > 0 {
		if parts[2], err = marshal(m.metadata); err != nil {
			return nil, "", fmt.Errorf("%s metadata: %w", m.kind, err)
		}
	}
	if parts[3], err = marshal(m.content); err != nil {
		return nil, "", fmt.Errorf("%s content: %w", m.kind, err)
	}
	frames = append([][]byte{delimiter, c.signer.sign(parts)}, parts...)
	return append(frames, m.buffers...), id, nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// marshal is json.Marshal without HTML escapes, which would swell every HTML output.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
