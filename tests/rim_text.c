/* SPDX-License-Identifier: Apache-2.0 */
#include "rim_text.h"

#define DIGEST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct rim_text blank = { DIGEST, DIGEST DIGEST,
	{ "MAAA", "MAAB", "MAAC", "MAAD" } };

static const char head[] =
	"<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\""
	" xmlns:ns0=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\""
	" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\" corpus=\"false\" name=\"GH100\""
	" patch=\"false\" supplemental=\"false\" tagId=\"" RIM_HASH_A "\" version=\"1.0\""
	" tagVersion=\"0\">\n"
	"  <ns0:Entity name=\"NVIDIA Corporation\" role=\"softwareCreator tagCreator\"/>\n"
	"  <ns0:Meta xmlns:ns1=\"https://trustedcomputinggroup.org/resource/"
	"tcg-reference-integrity-manifest-rim-information-model/\""
	" colloquialVersion=\"550.144.03\" edition=\"GPU\" product=\"GH100\" revision=\"r1\""
	" PayloadType=\"direct\" ns1:BindingSpec=\"RIMIM\" ns1:BindingSpecVersion=\"1.01\""
	" ns1:PlatformManufacturerId=\"5703\" ns1:PlatformManufacturerStr=\"NVIDIA Corporation\""
	" ns1:PlatformModel=\"GH100\" ns1:FirmwareManufacturer=\"NVIDIA Corporation\""
	" ns1:FirmwareManufacturerId=\"5703\"/>\n"
	"  <ns0:Payload xmlns:SHA384=\"http://www.w3.org/2001/04/xmlenc#sha384\">\n"
	"    <ns0:Resource type=\"Measurement\" index=\"0\" active=\"True\" alternatives=\"1\""
	" ns2:Hash0=\"" RIM_HASH_A "\" name=\"Measurement_0\" size=\"48\"/>\n"
	"    <ns0:Resource type=\"Measurement\" index=\"7\" active=\"True\" alternatives=\"2\""
	" ns2:Hash0=\"" RIM_HASH_B "\" ns2:Hash1=\"" RIM_HASH_0 "\" name=\"Measurement_7\""
	" size=\"48\"/>\n"
	"    <ns0:Resource type=\"Measurement\" index=\"63\" active=\"False\" alternatives=\"1\""
	" ns2:Hash0=\"" RIM_HASH_0 "\" name=\"Measurement_63\" size=\"48\"/>\n"
	"  </ns0:Payload>\n";

static const char sign[] =
	"<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>"
	"<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/>"
	"<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384\"/>"
	"<ds:Reference URI=\"\"><ds:Transforms>"
	"<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
	"<ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/></ds:Transforms>"
	"<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#sha384\"/>";

void rim_text(const struct rim_text *t, struct buf *out)
{
	if (t == NULL)
		t = &blank;
	buf_text(out, head);
	buf_text(out, sign);
	buf_printf(out,
		"<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>"
		"<ds:SignatureValue>%s</ds:SignatureValue><ds:KeyInfo><ds:X509Data>",
		t->digest, t->value);
	for (size_t i = 0; i < ARRAY_LEN(t->certificate); i++)
		buf_printf(out, "<ds:X509Certificate>%s\n</ds:X509Certificate>",
			t->certificate[i]);
	buf_text(out, "</ds:X509Data></ds:KeyInfo></ds:Signature></SoftwareIdentity>\n");
	assert_false(out->failed);
}
