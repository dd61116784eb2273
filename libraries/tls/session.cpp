#include "tls/session.h"

#include <openssl/err.h>

#include <algorithm>

#include "tls/server_context_native.h"

namespace osmia::tls {

struct SessionFactory::Native {
    ContextPointer context;
};

struct Session::Native {
    Native(ContextChooser& its_chooser, ByteStream& its_stream) : chooser(its_chooser), stream(its_stream) {}
    ContextChooser& chooser;
    ByteStream& stream;
    SslPointer ssl;
    std::shared_ptr<const ServerContext> context;
    std::string server_name;
};

namespace {

constexpr std::size_t MaxServerName = 255;
constexpr std::size_t MaxRecord = 16 * 1024;

// A BIO whose other end is a ByteStream ---------------------------------------------------------------------------

ByteStream& stream_of(BIO* bio) { return *static_cast<ByteStream*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* target, int size) {
    BIO_clear_retry_flags(bio);
    const auto got = stream_of(bio).read_encrypted({target, static_cast<std::size_t>(size)});
    if (got < 0) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    stream_of(bio).write_encrypted({bytes, static_cast<std::size_t>(size)});
    return size;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "osmia stream");
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

// The greeting ----------------------------------------------------------------------------------------------------

/// The host_name of a server_name extension (RFC 6066 section 3) in lower case. False when the extension is malformed.
bool read_server_name(std::span<const unsigned char> data, std::string& name) {
    const auto number = [&](std::size_t at) { return static_cast<std::size_t>(data[at]) << 8 | data[at + 1]; };
    if (data.size() < 5 || number(0) != data.size() - 2 || data[2] != TLSEXT_NAMETYPE_host_name) return false;
    const std::size_t size = number(3);
    if (size != data.size() - 5 || size == 0 || size > MaxServerName) return false;
    name.assign(reinterpret_cast<const char*>(data.data()) + 5, size);
    if (name.find('\0') != std::string::npos) return false;
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name.ends_with('.')) name.pop_back();
    return true;
}

int on_client_hello(SSL* ssl, int* alert, void*) {
    auto& session = *static_cast<Session::Native*>(SSL_get_app_data(ssl));
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1 && !read_server_name({data, size}, session.server_name)) {
        *alert = SSL_AD_DECODE_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
    session.context = session.chooser.choose_context(session.server_name);
    if (session.context == nullptr) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_CLIENT_HELLO_ERROR;
    }
    SSL_CTX* context = session.context->native().context.get();
    SSL_set_SSL_CTX(ssl, context);
    // The context's version limit does not come along, and a ticket is good for its own certificate only.
    SSL_set_max_proto_version(ssl, static_cast<int>(SSL_CTX_get_max_proto_version(context)));
    const std::string& fingerprint = session.context->facts().fingerprint;
    SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(fingerprint.data()),
                               static_cast<unsigned>(std::min<std::size_t>(fingerprint.size(), SSL_MAX_SID_CTX_LENGTH)));
    return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

SessionFactory::SessionFactory(const TicketKeys& keys) : native_(std::make_unique<Native>()) {
    native_->context = make_context(keys);
    SSL_CTX_set_client_hello_cb(native_->context.get(), on_client_hello, nullptr);
}

SessionFactory::~SessionFactory() = default;

Session::Session(const SessionFactory& factory, ContextChooser& chooser, ByteStream& stream)
    : native_(std::make_unique<Native>(chooser, stream)) {
    native_->ssl.reset(SSL_new(factory.native_->context.get()));
    BIO* bio = BIO_new(bio_method());
    OSMIA_CHECK(native_->ssl != nullptr && bio != nullptr, "memory for a TLS session");
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(native_->ssl.get(), bio, bio);
    SSL_set_app_data(native_->ssl.get(), native_.get());
    SSL_set_accept_state(native_->ssl.get());
}

Session::~Session() = default;

Session::Outcome Session::fail(int result) {
    switch (SSL_get_error(native_->ssl.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return {State::Blocked, 0};
        case SSL_ERROR_ZERO_RETURN: return {State::Closed, 0};
        default: break;
    }
    failure_ = take_error();
    return {State::Failed, 0};
}

Session::Outcome Session::read(std::span<char> target) {
    if (!failure_.empty()) return {State::Failed, 0};
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(native_->ssl.get(), target.data(), target.size(), &size);
    return result == 1 ? Outcome{State::Ok, size} : fail(result);
}

Session::Outcome Session::write(std::span<const char> bytes) {
    if (!failure_.empty()) return {State::Failed, 0};
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_write_ex(native_->ssl.get(), bytes.data(), std::min(bytes.size(), MaxRecord), &size);
    return result == 1 ? Outcome{State::Ok, size} : fail(result);
}

bool Session::has_pending() const { return SSL_has_pending(native_->ssl.get()) == 1; }
bool Session::is_established() const { return SSL_is_init_finished(native_->ssl.get()) == 1; }

void Session::shut_down() {
    if (!failure_.empty() || !is_established()) return;
    SSL_shutdown(native_->ssl.get());
    ERR_clear_error();
}

SessionFacts Session::facts() const {
    const SSL* ssl = native_->ssl.get();
    SessionFacts facts;
    facts.protocol = SSL_get_version(ssl);
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
    if (cipher != nullptr) {
        facts.cipher = SSL_CIPHER_get_name(cipher);
        facts.cipher_bits = static_cast<std::uint32_t>(SSL_CIPHER_get_bits(cipher, nullptr));
    }
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    facts.http2 = std::string_view(reinterpret_cast<const char*>(protocol), size) == "h2";
    facts.resumed = SSL_session_reused(native_->ssl.get()) == 1;
    facts.server_name = native_->server_name;
    facts.context = native_->context;
    return facts;
}

}  // namespace osmia::tls
