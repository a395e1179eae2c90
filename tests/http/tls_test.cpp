#include "pipeline/http/client.h"
#include "pipeline/http/handle.h"
#include "tests/http/servers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace longtake::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

/// For `host`, signed by nobody but itself.
Certificate self_signed(const std::string& host, EVP_PKEY* key)
{
    Certificate certificate(X509_new(), &X509_free);
    X509* x = certificate.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x, name);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x, x, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, ("DNS:" + host).c_str());
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x, key, EVP_sha256());
    return certificate;
}

class HttpTlsTest : public ::testing::Test {
protected:
    void serve(const std::string& host)
    {
        const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
        const Certificate certificate = self_signed(host, key.get());
        std::FILE* out = std::fopen(trust_.c_str(), "wb");
        PEM_write_X509(out, certificate.get());
        std::fclose(out);
        server_ = std::make_unique<httplib::SSLServer>(certificate.get(), key.get());
        server_->Post("/", [this](const httplib::Request&, httplib::Response&) { ++requests_; });
        url_ = "https://localhost:" + std::to_string(server_->bind_to_any_port("127.0.0.1")) + "/";
        thread_ = std::thread([this] { server_->listen_after_bind(); });
        while (!server_->is_running()) {
            std::this_thread::yield();
        }
    }

    ~HttpTlsTest() override
    {
        server_->stop();
        thread_.join();
    }

    /// Posts with the common options, trusting the server's own certificate.
    CURLcode post_trusting() const
    {
        Handle handle;
        handle.set(CURLOPT_URL, url_.c_str());
        handle.set(CURLOPT_CAINFO, trust_.c_str());
        handle.set(CURLOPT_POSTFIELDS, "");
        return handle.run({}).value();
    }

    test::TempDir dir_;
    const std::string trust_ = dir_ / "trust.pem";
    std::unique_ptr<httplib::SSLServer> server_;
    std::thread thread_;
    std::string url_;
    std::atomic<int> requests_ = 0;
};

TEST_F(HttpTlsTest, ACertificateNobodySignedIsSentNothing)
{
    serve("localhost");
    Client client;
    const Outcome outcome = client.send({.method = "POST", .url = url_, .once = true}, {});
    ASSERT_TRUE(std::holds_alternative<Failure>(outcome));
    EXPECT_FALSE(std::get<Failure>(outcome).sent);
    EXPECT_NE(std::get<Failure>(outcome).reason.find("localhost: its TLS certificate is not trusted"),
              std::string::npos)
        << std::get<Failure>(outcome).reason;
    EXPECT_EQ(requests_, 0);

    EXPECT_EQ(post_trusting(), CURLE_OK);
    EXPECT_EQ(requests_, 1);
}

TEST_F(HttpTlsTest, ACertificateOfAnotherHostIsRefused)
{
    serve("elsewhere.example");
    EXPECT_EQ(post_trusting(), CURLE_PEER_FAILED_VERIFICATION);
    EXPECT_EQ(requests_, 0);
}

} // namespace
} // namespace longtake::http
