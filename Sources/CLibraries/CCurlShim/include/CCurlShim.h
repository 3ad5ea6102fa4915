#pragma once
// Swift sees libcurl through this module alone: with two modules that hold one header, which of them a declaration
// belongs to would depend on the order in which they were built.
#include <curl/curl.h>

// Each stands in for a variadic function or a union of libcurl, which Swift cannot call or read, for one argument type.

// curl_easy_setopt with a number.
CURLcode CCurlShim_easy_setopt_long(CURL *easy, CURLoption option, long value);

// curl_easy_setopt with a curl_off_t.
CURLcode CCurlShim_easy_setopt_offset(CURL *easy, CURLoption option, curl_off_t value);

// curl_easy_setopt with a C string, which libcurl copies.
CURLcode CCurlShim_easy_setopt_string(CURL *easy, CURLoption option, const char *value);

// curl_easy_setopt with a pointer to an object, which has to outlive the transfer.
CURLcode CCurlShim_easy_setopt_pointer(CURL *easy, CURLoption option, const void *value);

// curl_easy_setopt of a body of `count` bytes, which libcurl copies.
CURLcode CCurlShim_easy_setopt_body(CURL *easy, const void *bytes, curl_off_t count);

// curl_easy_setopt of the two functions that receive header lines and body bytes, each called with `context`.
typedef size_t (*CCurlShim_receive)(char *bytes, size_t size, size_t count, void *context);
CURLcode CCurlShim_easy_setopt_receivers(
  CURL *easy, CCurlShim_receive header, CCurlShim_receive body, void *context);

// curl_easy_setopt that leaves http and https as the only schemes, also for redirects.
CURLcode CCurlShim_easy_setopt_http_only(CURL *easy);

// curl_easy_setopt of CURLOPT_QUICK_EXIT, where libcurl has it: an aborted transfer does not wait for its resolver.
CURLcode CCurlShim_easy_setopt_quick_exit(CURL *easy);

// curl_easy_getinfo of CURLINFO_RESPONSE_CODE.
long CCurlShim_easy_getinfo_status(CURL *easy);

// curl_multi_setopt with a number.
CURLMcode CCurlShim_multi_setopt_long(CURLM *multi, CURLMoption option, long value);

// The result in the union of a CURLMSG_DONE message.
CURLcode CCurlShim_message_result(const CURLMsg *message);

// curl_easy_setopt of the function that opens sockets, called with `context`.
CURLcode CCurlShim_easy_setopt_opener(CURL *easy, curl_opensocket_callback open, void *context);

// Copies the IP address out of what libcurl is about to connect to: 4 or 16 bytes, 0 where it is another kind.
int CCurlShim_address_bytes(const struct curl_sockaddr *address, unsigned char bytes[16]);

// A socket for the address as libcurl would open it, closed when another program is started; CURL_SOCKET_BAD on failure.
curl_socket_t CCurlShim_open_socket(const struct curl_sockaddr *address);

// CURL_SOCKET_BAD, a macro with a cast.
curl_socket_t CCurlShim_no_socket(void);
