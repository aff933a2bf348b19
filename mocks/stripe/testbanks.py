"""Stripe's test bank accounts: what each number and test payment method stands for, and what its bank says to a debit.

Sources: the tables "Test account numbers" of https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment,
/payments/sepa-debit/accept-a-payment, /payments/bacs-debit/accept-a-payment, /payments/au-becs-debit/accept-a-payment,
/payments/acss-debit/accept-a-payment and /payments/nz-bank-account/accept-a-payment (2026-11). An account's fingerprint
identifies its number, as a card's does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mocks.stripe.testcards import fingerprint

#: Seconds until a bank answers that answers at once, and until one that takes its "three minutes".
SOON = 1
LATER = 180


@dataclass(frozen=True, slots=True)
class TestBank:
    """One account. ``fails`` is the failure code of every debit; without it debits succeed."""

    #: Not a test class, whatever its name looks like to pytest.
    __test__ = False

    type: str
    number: str
    fails: str | None = None
    #: Three minutes instead of at once.
    delayed: bool = False
    disputed: bool = False
    #: The bank never answers: the payment stays in processing.
    never: bool = False
    #: The customer took the mandate back: it becomes inactive.
    revoked: bool = False
    #: Small deposits for verification can be sent.
    reachable: bool = True
    routing: str = ""

    @property
    def fingerprint(self) -> str:
        """As ``banks.py`` makes it of the details that are sent."""
        return fingerprint(f"{self.routing}:{self.number}" if self.routing else self.number)

    @property
    def answers_in(self) -> int:
        """Seconds from the debit to the bank's answer."""
        return LATER if self.delayed else SOON


def _us(number: str, fails: str | None = None, **more: bool) -> TestBank:
    return TestBank("us_bank_account", number, fails, routing="110000000", **more)


#: End of ``pm_...`` -> account.
NAMED: dict[str, TestBank] = {
    "usBankAccount_success": _us("000123456789"),
    "usBankAccount_accountClosed": _us("000111111113", "account_closed"),
    "usBankAccount_riskLevelHighest": _us("000000004954", "blocked"),
    "usBankAccount_noAccount": _us("000111111116", "no_account"),
    "usBankAccount_insufficientFunds": _us("000222222227", "insufficient_funds"),
    "usBankAccount_debitNotAuthorized": _us("000333333335", "debit_not_authorized", revoked=True),
    "usBankAccount_invalidCurrency": _us("000444444440", "invalid_currency"),
    "usBankAccount_failMicrodeposits": _us("000666666661", reachable=False),
    "usBankAccount_dispute": _us("000555555559", disputed=True),
    "usBankAccount_processing": _us("000000000009", never=True),
    "usBankAccount_weeklyLimitExceeded": _us("000777777771", "charge_exceeds_source_limit"),
    "bacsDebit_success": TestBank("bacs_debit", "00012345"),
    "bacsDebit_successDelayed": TestBank("bacs_debit", "90012345", delayed=True),
    "bacsDebit_debitNotAuthorized": TestBank("bacs_debit", "33333335", "debit_not_authorized", revoked=True),
    "bacsDebit_debitNotAuthorizedDelayed": TestBank(
        "bacs_debit", "93333335", "debit_not_authorized", delayed=True, revoked=True
    ),
    "bacsDebit_insufficientFunds": TestBank("bacs_debit", "22222227", "insufficient_funds"),
    "bacsDebit_insufficientFundsDelayed": TestBank("bacs_debit", "92222227", "insufficient_funds", delayed=True),
    "bacsDebit_dispute": TestBank("bacs_debit", "55555559", delayed=True, disputed=True),
    # The bank refuses the mandate; a payment with it cannot go well. Which code it fails with is not said.
    "bacsDebit_mandateRefused": TestBank("bacs_debit", "00033333", "debit_not_authorized", revoked=True),
    "bacsDebit_exceedsWeeklyLimit": TestBank("bacs_debit", "34343434", "charge_exceeds_source_limit"),
    "bacsDebit_exceedsTransactionLimit": TestBank("bacs_debit", "12121212", "charge_exceeds_transaction_limit"),
    "auBecsDebit_success": TestBank("au_becs_debit", "000123456"),
    "auBecsDebit_successDelayed": TestBank("au_becs_debit", "900123456", delayed=True),
    "auBecsDebit_accountClosed": TestBank("au_becs_debit", "111111113", "account_closed", revoked=True),
    "auBecsDebit_noAccount": TestBank("au_becs_debit", "111111116", "no_account", revoked=True),
    "auBecsDebit_referToCustomer": TestBank("au_becs_debit", "222222227", "refer_to_customer"),
    "auBecsDebit_referToCustomerDelayed": TestBank("au_becs_debit", "922222227", "refer_to_customer", delayed=True),
    "auBecsDebit_debitNotAuthorized": TestBank("au_becs_debit", "333333335", "debit_not_authorized", revoked=True),
    "auBecsDebit_dispute": TestBank("au_becs_debit", "666666660", disputed=True),
    "auBecsDebit_exceedsWeeklyLimit": TestBank("au_becs_debit", "343434343", "charge_exceeds_source_limit"),
    "auBecsDebit_exceedsTransactionLimit": TestBank("au_becs_debit", "121212121", "charge_exceeds_transaction_limit"),
    "acssDebit_success": TestBank("acss_debit", "000123456789"),
    # The page gives these names no numbers; they are those of the other debits.
    "acssDebit_noAccount": TestBank("acss_debit", "000111111116", "no_account"),
    "acssDebit_accountClosed": TestBank("acss_debit", "000111111113", "account_closed"),
    "acssDebit_insufficientFunds": TestBank("acss_debit", "000222222227", "insufficient_funds"),
    "acssDebit_debitNotAuthorized": TestBank("acss_debit", "000333333335", "debit_not_authorized", revoked=True),
    "acssDebit_dispute": TestBank("acss_debit", "000555555559", disputed=True),
    # A New Zealand account's suffix belongs to its number.
    "nzBankAccount_success": TestBank("nz_bank_account", "0000000010"),
    "nzBankAccount_insufficientFunds": TestBank("nz_bank_account", "2222222027", "insufficient_funds"),
    "nzBankAccount_referToCustomer": TestBank("nz_bank_account", "8888888000", "refer_to_customer"),
    "nzBankAccount_noAccount": TestBank("nz_bank_account", "1111111016", "no_account", revoked=True),
    "nzBankAccount_debitNotAuthorized": TestBank("nz_bank_account", "5555555059", "debit_not_authorized", revoked=True),
    "nzBankAccount_processing": TestBank("nz_bank_account", "9999999000", never=True),
}

OTHERS = (
    _us("000888888885", "tokenized_account_number_deactivated"),
    TestBank("acss_debit", "900123456789", delayed=True),
    TestBank("acss_debit", "900222222227", "insufficient_funds", delayed=True),
    TestBank("acss_debit", "000666666661", reachable=False),
    TestBank("acss_debit", "000777777771", "charge_exceeds_source_limit"),
    TestBank("acss_debit", "000888888881", "charge_exceeds_transaction_limit"),
)

#: Country -> its IBANs that succeed, succeed after three minutes, fail, fail after three minutes, and are disputed.
IBANS = {
    "at": "AT611904300234573201 AT321904300235473204 AT861904300235473202 AT051904300235473205 AT591904300235473203",
    "be": "BE62510007547061 BE78510007547064 BE68539007547034 BE51510007547065 BE08510007547063",
    "hr": "HR7624020064583467589 HR6323600002337876649 HR2725000096983499248 HR6723600004878117427 "
          "HR8724840081455523553",
    "ee": "EE382200221020145685 EE222200221020145682 EE762200221020145680 EE922200221020145683 EE492200221020145681",
    "fi": "FI2112345600000785 FI3712345600000788 FI9112345600000786 FI1012345600000789 FI6412345600000787",
    "fr": "FR1420041010050500013M02606 FR3020041010050500013M02609 FR8420041010050500013M02607 "
          "FR7920041010050500013M02600 FR5720041010050500013M02608",
    "de": "DE89370400440532013000 DE08370400440532013003 DE62370400440532013001 DE78370400440532013004 "
          "DE35370400440532013002",
    "gi": "GI60MPFS599327643783385 GI08RRNW626436291644533 GI41SAFA461293238477751 GI50LROG772261344693297 "
          "GI26KJBC361883934534696",
    "ie": "IE29AIBK93115212345678 IE24AIBK93115212345671 IE02AIBK93115212345679 IE94AIBK93115212345672 "
          "IE51AIBK93115212345670",
    "li": "LI0508800636123378777 LI4408800387787111369 LI1208800143823175626 LI4908800356441975566 "
          "LI7708800125525347723",
    "lt": "LT121000011101001000 LT281000011101001003 LT821000011101001001 LT981000011101001004 LT551000011101001002",
    "lu": "LU280019400644750000 LU440019400644750003 LU980019400644750001 LU170019400644750004 LU710019400644750002",
    "nl": "NL39RABO0300065264 NL55RABO0300065267 NL91ABNA0417164300 NL28RABO0300065268 NL82RABO0300065266",
    "no": "NO9386011117947 NO8886011117940 NO6686011117948 NO6186011117941 NO3986011117949",
    "pt": "PT50000201231234567890154 PT66000201231234567890157 PT23000201231234567890155 PT39000201231234567890158 "
          "PT93000201231234567890156",
}  # fmt: skip

#: The same countries -> the IBANs that are over their week's volume, over their week's payments, and without funds.
LIMITED = {
    "at": "AT981904300000343434 AT601904300000121212 AT981904300002222227",
    "be": "BE90510000343434 BE52510000121212 BE90510002222227",
    "hr": "HR7424020060000343434 HR3624020060000121212 HR7424020060002222227",
    "ee": "EE672200000000343434 EE292200000000121212 EE672200000002222227",
    "fi": "FI6712345600343434 FI2912345600121212 FI6712345602222227",
    "fr": "FR9720041010050000000343434 FR5920041010050000000121212 FR9720041010050000002222227",
    "de": "DE65370400440000343434 DE27370400440000121212 DE65370400440002222227",
    "gi": "GI14NWBK000000000343434 GI73NWBK000000000121212 GI14NWBK000000002222227",
    "ie": "IE10AIBK93115200343434 IE69AIBK93115200121212 IE10AIBK93115202222227",
    "li": "LI2408800000000343434 LI8308800000000121212 LI2408800000002222227",
    "lt": "LT591000000000343434 LT211000000000121212 LT591000000002222227",
    "lu": "LU900010000000343434 LU520010000000121212 LU900010000002222227",
    "nl": "NL27RABO0000343434 NL86RABO0000121212",
}  # fmt: skip


def _named_ibans() -> dict[str, TestBank]:
    success = TestBank("sepa_debit", "")
    failure = replace(success, fails="generic_could_not_process")
    kinds = {
        "success": success,
        "successDelayed": replace(success, delayed=True),
        "failed": failure,
        "failedDelayed": replace(failure, delayed=True),
        "disputed": replace(success, disputed=True),
    }
    limits = {
        "exceedsWeeklyVolumeLimit": replace(success, fails="charge_exceeds_source_limit"),
        "exceedsWeeklyTransactionLimit": replace(success, fails="charge_exceeds_weekly_limit"),
        "insufficientFunds": replace(success, fails="insufficient_funds"),
    }
    found = {}
    for table, meanings in ((IBANS, kinds), (LIMITED, limits)):
        for country, numbers in table.items():
            for (name, meaning), number in zip(meanings.items(), numbers.split(), strict=False):
                found[f"{name}_{country}"] = replace(meaning, number=number)
    return found


NAMED |= _named_ibans()
#: What most integrations write: the first of each.
NAMED |= {"usBankAccount": NAMED["usBankAccount_success"], "sepaDebit": NAMED["success_de"]}

BY_FINGERPRINT: dict[tuple[str, str], TestBank] = {
    (bank.type, bank.fingerprint): bank for bank in (*OTHERS, *NAMED.values())
}

#: What a failed debit's code says: https://docs.stripe.com/error-codes, /payments/bacs-debit/accept-a-payment#failures
#: and /payouts#payout-failures (2026-11).
MESSAGES = {
    "account_closed": "The customer's bank account has been closed.",
    "blocked": "Stripe blocked this payment as too risky.",
    "charge_exceeds_source_limit": "This charge would cause you to exceed your rolling-window processing limit for "
    "this source type.",
    "charge_exceeds_transaction_limit": "The payment amount exceeds the account's transaction limit.",
    "charge_exceeds_weekly_limit": "The payment amount exceeds the account's transaction volume limit.",
    "debit_not_authorized": "The customer has notified their bank that this payment was unauthorized.",
    "generic_could_not_process": "This payment couldn't be processed.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "invalid_currency": "The bank was unable to process this payment because of its currency.",
    "payment_method_microdeposit_failed": "Microdeposits were failed to be deposited into the customer's bank account.",
    "no_account": "The bank account could not be located.",
    "refer_to_customer": "The customer's bank refers to the customer.",
    "tokenized_account_number_deactivated": "The tokenized account number has been deactivated.",
}


def by_name(id: str) -> TestBank | None:
    """The account behind ``pm_usBankAccount_success`` and its like; None when it is none."""
    return NAMED.get(id[3:]) if id.startswith("pm_") else None


def behind(type: str, print: str | None) -> TestBank | None:
    """The test account that a stored account was made from; None for an ordinary one, which behaves well."""
    return BY_FINGERPRINT.get((type, print or ""))
