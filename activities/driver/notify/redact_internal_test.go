package notify

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatServicesMakeOfTheURLIsMaskedToo(t *testing.T) {
	for _, c := range []struct{ address, text, want string }{
		{
			"slack://hook:T0000AAAA-B0000AAAA-abcdef@webhook",
			`failed to send: Post "https://hooks.slack.com/services/T0000AAAA/B0000AAAA/abcdef": dial tcp: lookup hooks.slack.com: no such host`,
			`failed to send: Post "***": dial tcp: lookup ***s.slack.com: no such host`,
		},
		{
			"telegram://110201543:AAHdqTcvCH1@telegram?chats=@ops",
			"invalid telegram token 110201543:AAHdqTcvCH1 (https://api.telegram.org/bot110201543:AAHdqTcvCH1/getMe)",
			"invalid telegram token *** (***",
		},
		{
			"pushbullet://o.abcdef/devices", "token o.abcdef\r\nwas revoked", "token *** was revoked",
		},
		{
			"smtp://ops:x%20%22y@mail.example/?to=ana@example.com,ben@example.com",
			`dial tcp: lookup mail.example: ops "x \"y" x%20%22y to "ben@example.com" of [ana@example.com ben@example.com]`,
			`dial tcp: lookup mail.example: *** "***" *** to "***" of [*** ***]`,
		},
		{
			"smtp://ops:p@mail.example/", "p is not the password of ops", "*** is not the ***assword of ***",
		},
	} {
		assert.Equal(t, c.want, redact(c.text, c.address))
	}
}
