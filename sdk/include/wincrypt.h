/**
 * \file
 * The certificate structures that the ISAPI interface carries; no cryptography. C and C++.
 */
#ifndef OSMIA_WINCRYPT_H
#define OSMIA_WINCRYPT_H

#include "windows.h"

#define X509_ASN_ENCODING 0x00000001
#define PKCS_7_ASN_ENCODING 0x00010000

typedef void* HCERTSTORE;
struct _CERT_INFO; /* never filled in: parse pbCertEncoded instead */

typedef struct _CERT_CONTEXT {
    DWORD dwCertEncodingType;
    BYTE* pbCertEncoded;
    DWORD cbCertEncoded;
    struct _CERT_INFO* pCertInfo;
    HCERTSTORE hCertStore;
} CERT_CONTEXT, *PCERT_CONTEXT;
typedef const CERT_CONTEXT* PCCERT_CONTEXT;

#endif
