package ray

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// api is the HTTP side of a Ray cluster: its dashboard's.
type api struct {
	base  string
	token string
}

const maxAnswerBytes = 16 << 20

// do sends body, bytes as they are and anything else as JSON, and decodes the answer into out unless that is nil.
func (a api) do(ctx context.Context, method, path string, body, out any) error {
	var in io.Reader
	kind := "application/octet-stream"
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return err
		}
		in, kind = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, in)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", kind)
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	client := http.Client{Timeout: time.Minute}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return err
	}
	switch {
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s wants another token (%s): set %s", a.base, answer.Status, TokenEnv)
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, strings.TrimSpace(string(text[:min(len(text), 500)])))
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}
